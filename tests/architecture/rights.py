"""Which functions use the service's rights, past the rules of rows: a list that a test holds.

`as_service()` and a node's `transaction()` open a connection that may read and write everybody's
rows. Whoever does it has to be meant to; the list is found by reading the code, not by running it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("server", "db")


def holders() -> list[str]:
    """`module:function` of everything that opens such a connection, in order of names."""
    found: set[str] = set()
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found |= {f"{module}:{name}" for name in _in(ast.parse(path.read_text()), "")}
    return sorted(found)


def _in(tree: ast.AST, within: str) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        inside = within
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = f"{within}.{node.name}".removeprefix(".")
        if isinstance(node, ast.Attribute) and _opens(node):
            yield within
        yield from _in(node, inside)


def _opens(used: ast.Attribute) -> bool:
    """`.as_service`, called or handed on, or `.transaction` of anything but a connection."""
    match used:
        case ast.Attribute(attr="transaction", value=ast.Name(id="connection")):
            return False
        case ast.Attribute(attr="as_service" | "transaction"):
            return True
        case _:
            return False
