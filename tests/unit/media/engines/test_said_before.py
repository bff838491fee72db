"""Sound said before: found again, and never more of it than allowed."""

from hypothesis import given
from hypothesis import strategies as st

from media.engines.said_before import SaidBefore


def test_what_was_kept_is_found_and_what_was_asked_for_longest_ago_goes() -> None:
    said = SaidBefore(40)
    for text in ("a", "b", "c"):
        said.keep(text, (b"x" * 10,))
    assert said.get("a") == (b"xxxxxxxxxx",)
    said.keep("d", (b"x" * 10,))
    assert [text for text in "abcd" if said.get(text)] == ["a", "c", "d"]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 60)), max_size=30))
def test_never_more_than_allowed(kept: list[tuple[str, int]]) -> None:
    said, sizes = SaidBefore(100), dict[str, int]()
    for text, size in kept:
        said.keep(text, (bytes(size),))
        sizes.setdefault(text, size)
    found = [said.get(text) or () for text in "abcdef"]
    assert sum(len(chunk) for chunks in found for chunk in chunks) <= 100
