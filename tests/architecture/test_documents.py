"""The documents speak of files, commands and settings that exist."""

import re
from pathlib import Path

import msgspec
import pytest

from server.cli.main import main
from server.core.config import Config

ROOT = Path(__file__).parents[2]
PATH = re.compile(r"`((?:server|media|db|sandbox|tests|docs)/[\w./-]+?)`")


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"])
def test_every_path_a_document_names_exists(name: str) -> None:
    text = (ROOT / name).read_text()
    named = set(PATH.findall(text)) | set(re.findall(r"\]\(((?!http)[\w./-]+)\)", text))
    named = {path for path in named if "<" not in path and "*" not in path}
    assert named
    missing = sorted(path for path in named if not (ROOT / path).exists())
    assert missing == []


def test_every_module_the_architecture_names_in_a_path_is_a_file() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    paths = text[text.index("## Five paths") : text.index("## Truth and time")]
    assert len(PATH.findall(paths)) >= 15


def test_the_architecture_fits_in_one_sitting() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) <= 240


def test_the_commands_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"\bmake (\w+)", readme)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for command in set(re.findall(r"`talking (\w+)", readme)):
        with pytest.raises(SystemExit) as left:
            main([command, "--help"])
        assert left.value.code == 0


def test_the_settings_of_the_readme_exist() -> None:
    known = {
        f"TALKING_{section.name}__{field.name}".upper()
        for section in msgspec.structs.fields(Config)
        for field in msgspec.structs.fields(section.type)
    }
    readme = (ROOT / "README.md").read_text()
    assert set(re.findall(r"TALKING_[A-Z]+__[A-Z_]+[A-Z]", readme)) <= known


def test_ci_runs_what_the_readme_says() -> None:
    run = (ROOT / ".ci" / "run").read_text()
    assert "make check" in run
    assert "make test" in run


def test_every_test_that_holds_a_promise_of_privacy_exists() -> None:
    text = (ROOT / "docs" / "privacy.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", text))
    assert named
    written = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert sorted(name for name in named if f"def {name}(" not in written) == []
