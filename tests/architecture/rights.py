"""Which functions use the service's rights, past the rules of rows: a list that a test holds.

`as_service()` and a node's `transaction()` open a connection that may read and write everybody's
rows. Whoever does it has to be meant to; the list is found by reading the code, not by running it.

`python -m tests.architecture.rights` writes it anew, and nothing else: a function that moved or has
a new name changes this list and no contract.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).parent / "rights.txt"
FOLDERS = ("server", "db")


def holders() -> list[str]:
    """`module:function` of everything that opens such a connection, in order of names."""
    found: set[str] = set()
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found |= {f"{module}:{name}" for name in within(ast.parse(path.read_text()))}
    return sorted(found)


def within(tree: ast.Module) -> list[str]:
    """The functions of one module that open such a connection, each once."""
    return sorted(set(_in(tree, "")))


def listed() -> list[str]:
    """The committed list, in the order of its lines."""
    return LIST.read_text().splitlines()


def write() -> None:
    """Write the list anew: a line for each function."""
    LIST.write_text("".join(f"{name}\n" for name in holders()))


def _in(tree: ast.AST, place: str) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        inside = place
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = f"{place}.{node.name}".removeprefix(".")
        if isinstance(node, ast.Attribute) and _opens(node):
            yield place
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


if __name__ == "__main__":
    write()
