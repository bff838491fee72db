"""What counts as a link."""

import pytest

from server.core.errors import AppError
from server.emails.links import links, refuse_links, without_links


@pytest.mark.parametrize(
    "text",
    [
        "See https://evil.example/x", "HTTP://EVIL.EXAMPLE", "ftp://evil.example",
        "www.evil.example",
        "evil.com", "Go to evil.co.uk/login now", "(evil.xyz)", "bit.ly/abc", "ｗｗｗ．evil．com",
        "evil。com", "javascript://x", "https://app.example.com.evil.example/",
        "https://app.example.com@evil.example/", "https://evil.example\\@app.example.com/",
        "https://evil.example＼@app.example.com/",
        "evil.gov", "evil.club", "evil.co.nz", "evil.kz",
        "evil.co.uk", "Go to shop.evil.com.au now", "evil.ai", "evil.fr!", "evil.рф",
        "xn--e1a.xn--p1ai", "1.2.3.4/login", "1.2.3.4:8080/login",
    ],
)  # fmt: skip
def test_what_a_mail_program_links_is_a_link(text: str) -> None:
    assert links(text, {"app.example.com"})
    with pytest.raises(AppError) as refused:
        refuse_links(text, {"app.example.com"})
    assert refused.value.code == "links_not_allowed"
    assert links(without_links(text, {"app.example.com"}), {"app.example.com"}) == []


@pytest.mark.parametrize(
    "text",
    [
        "Bake it at 220 degrees.", "It rose.Then it fell.", "Write to me@evil.com", "3.5/2 cups",
        "e.g. rye, i.e. dark", "and/or", "I like it.In the end", "Yes.me too", "version 1.2.3.4",
        "z.B. so", "Ok.ca va", "Write to ann@evil.co.uk", "Mix 1:2.", "https://app.example.com/unsubscribe/1",
    ],
)  # fmt: skip
def test_words_are_none(text: str) -> None:
    assert links(text, {"app.example.com"}) == []
    assert without_links(text, {"app.example.com"}) == text
