"""Text made speakable: what a screen shows becomes what a person would say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.engines.speakable import speakable


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Bold**, _slanted_ and `code`.", "Bold, slanted and code."),
        ("# Plan\n- one\n- two\n\n1. first\n2. second!", "Plan. one. two. first. second!"),
        ("See [our site](https://x.y/z).", "See our site."),
        ("Good【1】 and fine 【4:0†page】.[2][3-5]", "Good and fine."),
        ("Press [1] for yes.", "Press 1 for yes."),
        ("See https://www.example.com/a-b?x=1.", "See example dot com slash a dash b."),
        ("Mail ann_b@example.co.uk!", "Mail ann underscore b at example dot co dot uk!"),
        ("Call +1 555 123 4567 now.", "Call 1, 5 5 5, 1 2 3, 4 5 6 7 now."),
        ("Call +1 202 555 0104 now.", "Call 1, 2 0 2, 5 5 5, 0 1 0 4 now."),
        ("It is 1-202-555-0104.", "It is 1, 2 0 2, 5 5 5, 0 1 0 4."),
        ("<h1>Tea</h1><p>Now:</p><ul><li>One</li><li>Two</li></ul>", "Tea. Now: One. Two."),
        ("Fine.[^1] \\(x\\)\n---\na) one • two", "Fine. x one, two."),
        ("<!-- no -->Hi<script>no()</script> :smile:\n~~~\nno\n~~~", "Hi"),
        ("See [our site][1], [1][2].\n\n[1]: http://a.com", "See our site, 1 2."),
        ("### 1. Mix\n◦ 2*3*4\n– flour", "Mix. 2 times 3 times 4. flour."),
        ("Great! 👍🏽 Héllo ✅", "Great! Héllo"),
        ("Code:\n```\nx = 1\n```\nDone.", "Code: Done."),
        ("a|b <b>x</b> snake_case *star", "a b x snake case star"),
        ("$9.99 (50%) at 3:30 pm on 2024-10-12", "$9.99 (50%) at 3:30 pm on 2024-10-12"),
        ("1,000,000 and 3.14159265 and 2024-2025", "1,000,000 and 3.14159265 and 2024-2025"),
        ("two\nlines", "two lines"),
        ("| Tea | $3 |\n|---|:-:|\n| Cake | $4 |", "Tea, $3. Cake, $4."),
        ("- [x] done, <https://a.com/b> :-)", "done, a dot com slash b."),
        ("a-b+c@x-y.com, x.org/z or 10.0.0.1:80",
         "a dash b plus c at x dash y dot com, x dot org slash z or 10 dot 0 dot 0 dot 1 colon 80"),
        ("Call 202.555.0104, 1-800-FLOWERS or +49 (0)30 901820.",
         "Call 2 0 2, 5 5 5, 0 1 0 4, 1, 8 0 0, FLOWERS or 4 9, 3 0, 9 0 1 8 2 0."),
        ("Salt &amp; pepper", "Salt and pepper"),
        ("Call (202) 555-0104.", "Call 2 0 2, 5 5 5, 0 1 0 4."),
        (r"$E = mc^2$, \sqrt{16} = 4, \frac{a}{b}, 10⁻³, x^{n}, H₂O, ^_^",
         "E = mc squared, the square root of 16 = 4, a divided by b, 10 to the power of -3, "
         "x to the power of n, H2O,"),
        ("1. **Mix** it, *sighs*", "Mix it,"),
        ("Steps: 1) mix 2) rest", "Steps: mix, rest"),
        ("> 5 people, IT IS", "greater than 5 people, it is"),
        ("**Open** 8-9 %", "Open 8 to 9 %"),
    ],
)  # fmt: skip
def test_written_text_becomes_spoken_text(written: str, said: str) -> None:
    assert speakable(written) == said


@pytest.mark.parametrize(
    "nothing",
    ["", " \n ", "👍", "***", "```\nx\n```", "...", "\u200b", "你好。", "こんにちは", "Привет"],
)
def test_what_cannot_be_said_becomes_nothing(nothing: str) -> None:
    assert speakable(nothing) == ""


@given(st.text(alphabet=st.sampled_from("ab 1.*_#[](){}<>`~|\\-\n👍+@/:"), max_size=60))
def test_no_markup_survives_and_nothing_is_left_to_clean_twice(written: str) -> None:
    said = speakable(written)
    assert not set(said) & set("*_[]{}\\`~|<>\n👍")
    assert not said or any(map(str.isalnum, said))
