"""Names as they are spelled: which letters may follow, and that a common name weighs more."""

import pytest

from media.engines.decoding.grammar import Graph, Vocabulary
from media.engines.decoding.names import is_name, load, names_of

TOKENS = [space + letter for space in ("", "▁") for letter in "abcdefghijklmnopqrstuvwxyz"]
VOCABULARY = Vocabulary(
    [token.encode() for token in [*TOKENS, *map(str.upper, TOKENS), ".", ",", "-"]]
)
NAMES = names_of(VOCABULARY, [("MORRIS", 0.1), ("NORRIS", 0.06), ("NORA", 0.001)])


def walk(text: str) -> Graph | None:
    node: Graph = NAMES.spelled()
    for token in VOCABULARY.encode(text):
        if token not in node.following:
            return None
        node = node.following[token]
    return node


@pytest.mark.parametrize("text", ["N. O. R. A", "N. O. R. A.", "N-o-r-a", "N, o, r, a", "N o r a"])
def test_a_name_is_found_in_every_way_in_which_letters_are_written(text: str) -> None:
    node = walk(text)
    assert node is not None
    assert node.ends


@pytest.mark.parametrize("text", ["N-o-r", "N-o-r-a,", "N-o-r-a-"])
def test_the_beginning_of_a_name_is_none(text: str) -> None:
    node = walk(text)
    assert node is not None
    assert not node.ends


@pytest.mark.parametrize("text", ["M-o-r-a", "Nora", "n-o-r-a"])
def test_what_is_no_name_spelled_is_not_allowed(text: str) -> None:
    assert walk(text) is None


def test_the_commoner_of_two_names_weighs_more() -> None:
    morris, norris = walk("M-o-r-r-i-s"), walk("N-o-r-r-i-s")
    assert morris is not None
    assert norris is not None
    assert morris.weight > norris.weight


def test_letters_that_are_much_likelier_than_any_name_are_believed() -> None:
    assert is_name(-5.0, -3.0)
    assert not is_name(-6.5, -3.0)


def test_the_list_has_what_people_are_called_and_more_of_them_smiths() -> None:
    names = load(VOCABULARY)
    weights = dict(zip((name.decode() for name in names.sorted), names.weights, strict=True))
    assert len(weights) > 20_000
    assert weights["SMITH"] > weights["NORRIS"] > weights["ZIEGLER"]
    assert {"MARY", "JAMES"} <= weights.keys()
