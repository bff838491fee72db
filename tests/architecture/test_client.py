"""The clients are made for the interface there is, and of nothing of the product's."""

import ast
import inspect
import json
import re
import tomllib
from pathlib import Path

import pytest
from talking_client import Client, contract, events, sent

from server.dashboard.events import EVENTS
from server.http.openapi import document
from tests.architecture import client, client_typescript, shapes

ROOT = Path(__file__).parents[2]
PATHS = sorted(client.FOLDER.glob("*.py"))
TYPESCRIPT = client_typescript.FOLDER.parent
SCRIPTS = sorted(path for room in ("src", "tests") for path in (TYPESCRIPT / room).glob("*.ts"))


def test_shapes_are_what_the_description_says() -> None:
    """Otherwise `make names` writes them anew; tell what changed in CHANGELOG.md."""
    for path, written in client.files(shapes.contract()).items():
        assert path.read_text() == written, path


def test_the_client_says_for_which_interface_it_was_made() -> None:
    assert document((), "")["info"]["version"] == contract.API_VERSION
    assert len(contract.CONTRACT) == 32
    assert set(events.EVENTS) <= set(EVENTS)
    assert "call.ended" in events.EVENTS
    assert "sort" in sent.CallFilters.__annotations__


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_the_client_stands_alone_and_stays_readable(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    assert not imported & {"server", "media", "db", "sandbox", "tests"}
    assert ast.get_docstring(tree)
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_opens_with_what_it_is_and_needs_nothing_else(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("// ")
    assert len(text.splitlines()) <= 400
    assert max(map(len, text.splitlines())) <= 100
    if path.parent.name == "src":
        imported = re.findall(r'^(?:import|export)\b[^;]*? from "([^"]+)";', text, re.MULTILINE)
        assert all(name.startswith("./") for name in imported)


def test_both_clients_are_of_the_products_version_and_what_they_need_is_pinned() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    python = tomllib.loads((ROOT / "clients" / "python" / "pyproject.toml").read_text())
    package = json.loads((TYPESCRIPT / "package.json").read_text())
    lock = json.loads((TYPESCRIPT / "package-lock.json").read_text())
    assert python["project"]["version"] == version
    assert package["version"] == lock["version"] == lock["packages"][""]["version"] == version
    assert "dependencies" not in package
    assert "://" not in json.dumps(lock)
    for name, one in lock["packages"].items():
        assert not name or (one["dev"] and one["integrity"].startswith("sha512-"))


def test_both_clients_have_the_same_methods() -> None:
    text = (TYPESCRIPT / "src" / "client.ts").read_text()
    rooms = dict(
        re.findall(r"^(?:export )?class (\w+) \{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE)
    )
    with Client("https://talking.example", "tk") as talking:
        kinds = {name.title(): type(room) for name, room in vars(talking).items() if name[0] != "_"}
    assert set(kinds) == set(rooms) - {"Client"}
    for name, kind in {**kinds, "Client": Client}.items():
        found = re.findall(r"^  (?:async )?(?!constructor)([a-z]\w*)\(", rooms[name], re.MULTILINE)
        here = {re.sub("[A-Z]", lambda one: f"_{one[0].lower()}", method) for method in found}
        there = {method for method, _ in inspect.getmembers(kind, inspect.isfunction)}
        assert here == {method for method in there if method[0] != "_"} - {"close"}
