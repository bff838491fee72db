"""Rules of the house that a tool does not hold: file sizes, opening words, where SQL lives."""

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SQL = re.compile(
    r"\b(select\s.+\sfrom|insert\s+into|update\s+\w+\.\w+\s+set|delete\s+from)\b", re.DOTALL
)


@functools.cache
def product() -> dict[Path, tuple[str, ast.Module]]:
    """Each module's source and syntax tree, by its path from the root."""
    paths = (
        path
        for folder in ("server", "media", "db", "sandbox")
        for path in (ROOT / folder).rglob("*.py")
    )
    sources = {path.relative_to(ROOT): path.read_text() for path in paths}
    return {path: (source, ast.parse(source)) for path, source in sources.items()}


def test_a_module_opens_with_what_it_is_and_stays_readable() -> None:
    for path, (source, tree) in product().items():
        assert ast.get_docstring(tree), f"say what {path} is"
        assert len(source.splitlines()) <= 400, path


def test_sql_lives_in_db_alone() -> None:
    for path, (_, tree) in product().items():
        if path.parts[0] != "db":
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    assert not SQL.search(node.value.lower()), (path, node.value[:60])


def test_the_two_worlds_know_each_other_by_address_only() -> None:
    for path in (ROOT / "server").rglob("*.py"):
        assert "import sandbox" not in path.read_text()
    for folder in ("media", "db"):
        for path in (ROOT / folder).rglob("*.py"):
            assert "sandbox" not in path.read_text(), path


def test_no_registry_address_is_committed() -> None:
    client = "clients/typescript"
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml", "Dockerfile",
                 f"{client}/package-lock.json", f"{client}/.npmrc"):  # fmt: skip
        text = (ROOT / name).read_text()
        assert not re.search(
            r"index-url|find-links|files\.pythonhosted|pypi\.org|registry\s*=|registry\.npm", text
        )


def test_every_requirement_is_pinned_by_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        blocks = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
        for block in blocks:
            assert "==" in block.splitlines()[0]
            assert "--hash=sha256:" in block


@pytest.mark.parametrize("folder", ["server", "media", "db", "sandbox"])
def test_unit_tests_stand_where_their_module_stands(folder: str) -> None:
    """`test_x.py`, or `test_x_more.py`, has a module or package `x` at the same place."""
    root = ROOT / "tests" / "unit" / folder
    astray = []
    for path in root.rglob("test_*.py"):
        place = ROOT / folder / path.parent.relative_to(root)
        words = path.stem.removeprefix("test_").split("_")
        names = {"_".join(words[:count]) for count in range(1, len(words) + 1)}
        if not any((place / f"{name}.py").exists() or (place / name).is_dir() for name in names):
            astray.append(str(path.relative_to(ROOT)))
    assert astray == []
