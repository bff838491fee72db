"""Parts of a text and its alphabet, and how a text is made plain and short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.texts.segments import Segments, plain, segments, shorten
from server.texts.smart_encoding import PLAIN


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", Segments("gsm7", 1)),
        ("a" * 160, Segments("gsm7", 1)),
        ("a" * 161, Segments("gsm7", 2)),
        ("a" * 306, Segments("gsm7", 2)),
        ("a" * 307, Segments("gsm7", 3)),
        ("€" * 80, Segments("gsm7", 1)),
        ("€" * 81, Segments("gsm7", 2)),
        ("é" * 160, Segments("gsm7", 1)),
        ("ê", Segments("ucs2", 1)),
        ("ж" * 70, Segments("ucs2", 1)),
        ("ж" * 71, Segments("ucs2", 2)),
        ("ж" * 134, Segments("ucs2", 2)),
        ("ж" * 135, Segments("ucs2", 3)),
        ("😀" * 35, Segments("ucs2", 1)),
        ("😀" * 36, Segments("ucs2", 2)),
        # A pair that does not fit into what is left of a part begins the next: 66 units, not 67.
        ("😀" * 67, Segments("ucs2", 3)),
        # The same with an escaped character: 152 septets and one of two.
        ("a" * 152 + "€" + "a" * 152, Segments("gsm7", 3)),
    ],
)
def test_parts_are_counted_as_the_networks_count(text: str, found: Segments) -> None:
    assert segments(text) == found


def test_the_typography_of_a_mind_does_not_double_the_price() -> None:
    written = "It’s “fine” – really…"
    assert segments(written).encoding == "ucs2"
    assert plain(written) == 'It\'s "fine" - really...'
    assert segments(plain(written)).encoding == "gsm7"


def test_a_short_text_stays_as_it_is() -> None:
    assert shorten("As it is.", 320) == "As it is."


def test_a_long_text_ends_behind_a_sentence_where_one_ends_in_time() -> None:
    assert shorten("One thing. Another thing. " + "word " * 80, 60) == "One thing. Another thing."


def test_where_no_spaces_are_between_words_as_much_as_fits_is_left() -> None:
    assert shorten("パンの話をしましょう" * 40, 23) == "パンの話をしましょうパンの話をしましょう..."
    assert shorten("Hi " + "漢" * 400, 23) == f"Hi {'漢' * 17}..."
    assert shorten("パンを焼く。" + "漢" * 400, 12) == "パンを焼く。"


def test_a_fraction_and_a_power_stay_apart_from_the_figure_before() -> None:
    assert plain("1½ cups, 10² m², ½ tsp") == "1 1/2 cups, 10^2 m2, 1/2 tsp"


def test_a_long_sentence_ends_behind_a_word() -> None:
    assert shorten("word " * 80, 23) == "word word word word..."


@given(st.text(min_size=1, max_size=500), st.integers(40, 320))
def test_nothing_is_ever_longer_than_it_may_be(text: str, most: int) -> None:
    assert len(shorten(text, most)) <= most


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("`a`", "'a'"), ("½ cup", "1/2 cup"), ("«oui»", '"oui"'), ("a‐b", "a-b"), ("´", "'"),
        ("6 ÷ 2", "6 / 2"), ("a\tb", "a b"), ("a\u2028b", "a b"), ("a\u00a0b", "a b"),
        ("ＳＴＯＰ ok", "STOP ok"), ("man\u0303ana", "mañana"), ("‼", "!!"), ("a\u200bb", "ab"),
        ("It’s 😀", "It’s 😀"), ("–ж", "–ж"),
        ("3 × 4 − 2", "3 x 4 - 2"), ("6\u2011inch", "6-inch"), ("5′ 3″", "5' 3\""),
        ("ﬁne ﬂour", "fine flour"), ("⅔ cup", "2/3 cup"), ("so\u00adda", "soda"),
        ("● 5 m² → 20°C ≥ 9 №3", "- 5 m2 -> 20 deg C >= 9 No.3"), ("\u202aAnn\u202c ™", "Ann (TM)"),
    ],
)  # fmt: skip
def test_what_looks_alike_is_sent_in_seven_bits_where_that_is_all_it_takes(
    typed: str, sent: str
) -> None:
    assert plain(typed) == sent


def test_every_character_of_the_table_fits_into_seven_bits() -> None:
    assert len(PLAIN) >= 271
    assert {segments(plain(chr(int(one)))).encoding for one in PLAIN} == {"gsm7"}
