"""What a second look may hear: phrases and digits, in the tokens a model knows."""

from string import ascii_letters

import pytest

from media.engines.decoding.grammar import (
    DIGITS,
    Node,
    Vocabulary,
    digits,
    letters,
    phrases,
    sounds_like_digits,
    sounds_like_letters,
)

LETTERS = [bytes([letter]) for letter in b"abcdefghijklmnopqrstuvwxyzYZOTFSEN,.?!"]
VOCABULARY = Vocabulary(["▁".encode(), *LETTERS, "▁Y".encode(), b"es", "▁Yes".encode()])


def allows(node: Node, text: str) -> bool:
    for token in VOCABULARY.encode(text):
        if token not in node.following:
            return False
        node = node.following[token]
    return node.ends


def test_a_text_is_encoded_as_the_model_was_trained_to_the_earliest_pair_first() -> None:
    vocabulary = Vocabulary([b"a", b"b", b"c", "▁".encode(), b"bc", b"ab"])
    assert vocabulary.encode("abc") == [3, 0, 4]
    assert len(VOCABULARY.encode("Yes")) == 1


def test_a_mark_behind_a_word_is_no_mark_behind_a_space() -> None:
    vocabulary = Vocabulary(["▁".encode(), b",", "▁,".encode()])
    assert (vocabulary.mark(","), vocabulary.encode(",")) == (1, [2])


def test_a_phrase_may_end_with_a_stop_and_nothing_else_follows() -> None:
    grammar = phrases(VOCABULARY, ["Yes", "Yesterday"])
    assert all(allows(grammar, "Yes") for _ in range(1))
    [yes] = VOCABULARY.encode("Yes")
    after = grammar.following[yes]
    assert after.ends
    stops = {VOCABULARY.mark(mark) for mark in ".?!"}
    assert all(after.following[stop].ends and not after.following[stop].following for stop in stops)
    assert len(after.following) == len(stops) + 1  # and the rest of "Yesterday"


def test_any_digits_may_follow_each_other_with_commas_or_without() -> None:
    grammar = digits(VOCABULARY)

    def walk(node: Node, tokens: list[int]) -> Node | None:
        for token in tokens:
            if token not in node.following:
                return None
            node = node.following[token]
        return node

    comma = VOCABULARY.encode(",")[-1:]
    for first in DIGITS:
        for second in DIGITS:
            tokens = VOCABULARY.encode(first.capitalize())
            for between in ([], comma):
                after = walk(grammar, tokens + between + VOCABULARY.encode(second))
                assert after is not None
                assert after.ends
    assert walk(grammar, VOCABULARY.encode("Yes")) is None


@pytest.mark.parametrize(
    ("text", "is_like"),
    [
        ("For two six, two one two, nine nine seven two.", True),
        ("800-555-0199", True),
        ("Two-seven-9, two-eighths-seven-7.", True),
        ("I have two dogs and three cats at home.", False),
        ("One.", False),
        ("For the two of us, too.", False),
    ],
)
def test_digits_are_told_by_most_of_the_words(text: str, is_like: bool) -> None:
    assert sounds_like_digits(text) == is_like


def test_letters_follow_each_other_in_every_way_they_are_written() -> None:
    tokens = [letter + mark for letter in ("", "▁") for mark in ascii_letters + ".,-"]
    vocabulary = Vocabulary([token.encode() for token in tokens])
    grammar = letters(vocabulary)
    for text in ("M. I. L.", "M-i-l", "M, i, l.", "M i l"):
        node = grammar
        for token in vocabulary.encode(text):
            node = node.following[token]
        assert node.ends
    first = vocabulary.encode("M")[0]
    assert vocabulary.encode("mi")[1] not in grammar.following[first].following  # no word


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("M-i-l-l-e-r.", True),
        ("Why a t e s?", True),
        ("K-o-double-a-l-s.", True),
        ("I live in the U.S.A.", False),
        ("I, I, I am.", False),
        ("B 4 7 2", False),
    ],
)
def test_a_word_spelled_is_half_letters(text: str, likely: bool) -> None:
    assert sounds_like_letters(text) == likely
