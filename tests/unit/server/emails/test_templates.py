"""Templates: filled with anything, they stay what they are."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import AppError
from server.emails.templates import FOLDER, MOST_SUBJECT_CHARACTERS, find, framed, plain, render
from server.emails.templates import templates as all_templates

HOSTILE = [
    "{{ 7 * 7 }}", "{% for x in ''.__class__.__mro__ %}{{ x }}{% endfor %}", "</p><script>alert(1)",
    '" onmouseover="alert(1)', "{{ cycler.__init__.__globals__.os }}", "{# gone #}", "<!--", "]]>",
    "&lt;b&gt;", "{{", "%}",
]  # fmt: skip


class Tags(HTMLParser):
    """The tags of a page and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def filled(name: str, value: str) -> dict[str, Any]:
    """Each of a template's variables with this value."""
    return {
        key: value if isinstance(like, str) else [value, value]
        for key, like in find(name).sample.items()
    }


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", [one.name for one in all_templates()])
def test_what_is_filled_in_is_never_a_template_nor_markup(name: str, value: str) -> None:
    words = render(find(name), value, filled(name, value))
    assert value in words.text
    assert "49" not in words.text
    usual = Tags(render(find(name), "x", filled(name, "x")).html)
    hostile = Tags(words.html)
    assert (hostile.tags, hostile.attributes) == (usual.tags, usual.attributes)
    assert html.escape(value, quote=False) in html.unescape(words.html).replace(
        value, html.escape(value, quote=False)
    )


@pytest.mark.parametrize("template", all_templates(), ids=lambda one: one.name)
def test_a_template_uses_each_of_its_variables_in_both_forms(template: Any) -> None:
    names = [*template.sample, "topic"] if template.name != "note" else [*template.sample]
    for part in ("body.txt", "body.html"):
        source = (FOLDER / template.name / part).read_text()
        assert [name for name in names if not re.search(rf"\b{name}\b", source)] == []
    assert sorted(path.name for path in Path(FOLDER / template.name).iterdir()) == [
        "body.html", "body.txt", "sample.json", "subject.txt",
    ]  # fmt: skip


def test_a_subject_is_one_line_and_not_endless() -> None:
    words = render(find("note"), "x" * 500, {"message": "a\nb", "sender": "c"})
    assert len(words.subject) == MOST_SUBJECT_CHARACTERS
    words = render(
        find("invitation"), "tea", {**find("invitation").sample, "inviter": "Bo\nBcc: all@x.yz"}
    )
    assert words.subject == "Bo Bcc: all@x.yz would like to talk about tea"


@pytest.mark.parametrize(
    ("variables", "word"),
    [
        ({}, "`points` is missing"),
        ({"summary": "a", "points": "b"}, "variables.points"),
        ({"summary": "a", "points": [1]}, "variables.points"),
        ({"summary": "a", "points": ["x"] * 51}, "at most 50"),
        ({"summary": ["a"], "points": []}, "variables.summary"),
        ({"summary": "a\x07", "points": []}, "variables.summary"),
        ({"summary": "a" * 5001, "points": []}, "variables.summary"),
        ({"summary": "a", "points": [], "topic": "b"}, "`topic` is unknown"),
    ],
)
def test_what_does_not_fit_is_named(variables: dict[str, Any], word: str) -> None:
    with pytest.raises(AppError) as refused:
        render(find("summary"), "tea", variables)
    assert refused.value.code == "bad_request"
    assert word in refused.value.detail


@given(st.text(min_size=1, max_size=300))
def test_plain_words_have_paragraphs_and_no_markup_of_their_own(text: str) -> None:
    words = plain("S", text)
    assert set(Tags(words.html).tags) <= {"p", "br"}
    assert words.text == text


def test_every_email_says_who_sent_it_and_how_to_get_no_more() -> None:
    url = 'https://x.yz/unsubscribe/a"b'
    words = framed(plain("<S>", "Hello."), url)
    assert words.text.startswith("Hello.\n\n--\n")
    assert url in words.text
    assert f'href="{html.escape(url).replace("&quot;", "&#34;")}"' in words.html
    assert "<title>&lt;S&gt;</title>" in words.html
    assert "<p>Hello.</p>" in words.html
    for part in (words.text, words.html):
        assert "automated assistant" in part
