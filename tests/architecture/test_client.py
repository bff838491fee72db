"""The Python client is made for the interface there is, and of nothing of the product's."""

import ast
from pathlib import Path

import pytest
from talking_client import contract, events, sent

from server.dashboard.events import EVENTS
from server.http.openapi import document
from tests.architecture import client

PATHS = sorted(client.FOLDER.glob("*.py"))


@pytest.mark.parametrize(("name", "text"), client.files().items(), ids=lambda one: str(one)[:20])
def test_a_shape_is_what_the_description_says(name: str, text: str) -> None:
    """Otherwise `make names` writes it anew; tell what changed in CHANGELOG.md."""
    assert (client.FOLDER / name).read_text() == text


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
