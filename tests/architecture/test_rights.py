"""The service's rights are used by the functions of `rights.txt` and by no other."""

import ast

import pytest

from tests.architecture import rights

ANEW = "if it is meant, or a function moved, run: python -m tests.architecture.rights"
MORE = f"""
Each of these opens a connection that may read and write everybody's rows. Use as_user() for what a
person asks for themselves; {ANEW}"""


def test_only_functions_of_the_list_use_the_rights_of_the_service() -> None:
    assert set(rights.holders()) - set(rights.listed()) == set(), MORE


def test_the_list_names_nothing_that_does_not_use_them_any_more() -> None:
    assert rights.listed() == rights.holders(), ANEW


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("async def f(deps):\n    async with deps.pools.as_service() as c: pass", ["f"]),
        ("class A:\n    def b(self):\n        return self.pools.as_service", ["A.b"]),
        ("def f(node):\n    def g():\n        return node.transaction()", ["f.g"]),
        ("def f(connection):\n    return connection.transaction()", []),
        ("def f(deps):\n    return deps.pools.as_user({})", []),
    ],
)
def test_a_use_is_found_where_it_stands(code: str, found: list[str]) -> None:
    assert rights.within(ast.parse(code)) == found
