"""Templates of e-mails, and the frame around every e-mail: text and HTML always both.

A template is a folder `server/templates/email/NAME` with subject.txt, body.txt, body.html and
sample.json, whose keys are its variables and whose values show their kinds: words or a list of
words. `topic` is there in each, and `our`, words of ours in the e-mail's language. What is filled
in is never a template itself, and is escaped in HTML. Knows no rows and nobody's address.
"""

import functools
import re
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from media.languages.language import SENTENCES
from server.core.errors import AppError
from server.core.validation import some_text

FOLDER = Path(__file__).parent.parent / "templates" / "email"
MOST_SUBJECT_CHARACTERS = 200
MOST_ITEMS = 50
_MOST_CHARACTERS = 5000  # of one variable
_BLANK_LINES = re.compile(r"\n\s*\n+")
_MANY_BLANK_LINES = re.compile(r"\n{3,}")

_environment = SandboxedEnvironment(
    loader=FileSystemLoader(FOLDER),
    autoescape=lambda name: bool(name and name.endswith(".html")),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Template(msgspec.Struct, frozen=True):
    """A template there is; `sample` holds a value for each of its variables."""

    name: str
    sample: dict[str, str | list[str]]


class Words(msgspec.Struct, frozen=True):
    """What an e-mail says, once in text and once in HTML."""

    subject: str
    text: str
    html: str


@functools.cache
def templates() -> tuple[Template, ...]:
    """All of them, by name."""
    kind = dict[str, str | list[str]]
    return tuple(
        Template(path.parent.name, msgspec.json.decode(path.read_bytes(), type=kind))
        for path in sorted(FOLDER.glob("*/sample.json"))
    )


def find(name: str) -> Template:
    """The template of this name. Raises AppError("unknown_template")."""
    found = next((one for one in templates() if one.name == name), None)
    if found is None:
        raise AppError("unknown_template")
    return found


def render(
    template: Template, topic: str, variables: dict[str, Any], language: str = "en"
) -> Words:
    """Fill it in. Raises AppError("bad_request") that names every variable at fault."""
    our = SENTENCES[language]["mail"]
    given: dict[str, Any] = {**_checked(template, variables), "topic": topic, "our": our}

    def filled(part: str) -> str:
        return _environment.get_template(f"{template.name}/{part}").render(given)

    subject = " ".join(filled("subject.txt").split())[:MOST_SUBJECT_CHARACTERS].rstrip()
    text = _MANY_BLANK_LINES.sub("\n\n", filled("body.txt")).strip()
    return Words(subject, text, filled("body.html").strip())


def plain(subject: str, text: str) -> Words:
    """Words without a template: their paragraphs as HTML."""
    parts = (str(escape(part.strip())) for part in _BLANK_LINES.split(text) if part.strip())
    html = "\n".join(f"<p>{part.replace(chr(10), '<br>' + chr(10))}</p>" for part in parts)
    return Words(subject, text, html)


def framed(words: Words, unsubscribe_url: str, language: str = "en") -> Words:
    """The words as they are sent: with who we are and how to get no more, at their end."""
    given = {
        "subject": words.subject, "text": words.text, "html": Markup(words.html),  # noqa: S704
        "unsubscribe_url": unsubscribe_url, "our": SENTENCES[language]["mail"],
        "language": language,
    }  # fmt: skip
    return Words(
        words.subject,
        _environment.get_template("frame.txt").render(given),
        _environment.get_template("frame.html").render(given),
    )


def _checked(template: Template, variables: dict[str, Any]) -> dict[str, str | list[str]]:
    faults = [f"`{name}` is missing" for name in template.sample if name not in variables]
    faults += [f"`{name[:40]}` is unknown" for name in variables if name not in template.sample]
    if faults:
        raise AppError("bad_request", f"`variables`: {', '.join(faults[:20])}.")
    return {name: _value(f"variables.{name}", variables[name], template.sample[name])
            for name in template.sample}  # fmt: skip


def _value(name: str, given: Any, like: str | list[str]) -> str | list[str]:
    if isinstance(like, str):
        if not isinstance(given, str):
            raise AppError("bad_request", f"`{name}` must be a text.")
        return some_text(given, name, _MOST_CHARACTERS)
    if not isinstance(given, list) or len(given) > MOST_ITEMS:
        raise AppError("bad_request", f"`{name}` must be a list of at most {MOST_ITEMS} texts.")
    if not all(isinstance(one, str) for one in given):
        raise AppError("bad_request", f"`{name}` must be a list of texts.")
    return [" ".join(some_text(one, name, _MOST_CHARACTERS).split()) for one in given]
