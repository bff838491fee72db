"""What people type, checked: lines, texts and addresses. Pure; every refusal says what to do."""

import unicodedata
from collections.abc import Iterator
from typing import Annotated, TypeAlias

import email_validator
import msgspec
from msgspec import Meta

from media.dialogue import storable as storable
from server.core.errors import AppError

Topic: TypeAlias = Annotated[
    str,
    Meta(min_length=1, max_length=2000, examples=["How was the trip to Lisbon?"],
         extra_json_schema={"pattern": r"^[!-~]([ -~]{0,198}[!-~])?$"}),
]  # fmt: skip
"""What to talk about. The schema names what surely is taken: printable, as long as is usual."""
PhoneNumber: TypeAlias = Annotated[
    str,
    Meta(min_length=1, max_length=40, examples=["+12025550100"],
         extra_json_schema={"pattern": r"^\+[1-9][0-9]{6,14}$"}),
]  # fmt: skip
"""As people write it; the schema names the one form in which none can be misread."""
AgentName: TypeAlias = Annotated[
    str,
    Meta(min_length=1, max_length=40, examples=["default"],
         extra_json_schema={"pattern": r"^[A-Za-z0-9-]{1,40}$"}),
]  # fmt: skip
"""Who is to talk or write, by id or slug; "default" is always there."""
NUL = "\x00"
# Persian, Hindi, Hebrew and most emoji are spelt with these, though they show nothing themselves.
_SPELLING = frozenset("\u200c\u200d\u200e\u200f")
_UNREADABLE = frozenset({"Cc", "Co", "Cs"})  # what is not assigned may be a newer Unicode's
_SHAPING = frozenset({"Cf", "Mn", "Me"})
JSON_FAULTS = (msgspec.MsgspecError, UnicodeError, RecursionError)
"""What reading JSON from outside may raise; the last for what is nested too deep."""


def refuse_nul(given: object, name: str) -> None:
    """Refuse a value of JSON's kinds when any text in it, a key included, holds U+0000, which
    PostgreSQL keeps in no text. Raises AppError("bad_request"), which says where it is."""
    place = nul_place(given)
    if place is not None:
        raise AppError(
            "bad_request", f"{name}: U+0000 is no character of a text; leave it out - at `{place}`."
        )


def nul_place(given: object) -> str | None:
    """Where the first text with U+0000 is, as in "$.topic" or "$.args.to[0]"; None without any."""
    names: list[int | str] = []  # of what it is in; made a text only where that is told
    walks: list[Iterator[tuple[int | str, object]]] = [iter((("$", given),))]
    while walks:
        for name, value in walks[-1]:
            is_found = isinstance(value, str) and NUL in value
            if isinstance(value, dict):
                is_found = any(isinstance(key, str) and NUL in key for key in value)
            if is_found:
                found = (
                    f"[{one}]" if isinstance(one, int) else f".{one}" for one in [*names, name]
                )
                return "".join(found)[1:]
            if isinstance(value, dict | list | tuple) and value:
                names.append(name)
                walks.append(iter(value.items() if isinstance(value, dict) else enumerate(value)))
                break
        else:
            walks.pop()
            del names[-1:]
    return None


def cleaned(given: object) -> object:
    """A value of JSON's kinds with what cannot be kept left out of every text in it. For values
    whose depth is bounded by who made them."""
    if isinstance(given, str):
        return storable(given)
    if isinstance(given, dict):
        return {cleaned(key): cleaned(value) for key, value in given.items()}
    return [cleaned(one) for one in given] if isinstance(given, list) else given


def as_typed(given: str) -> str:
    """Text as people see it: composed, with plain spaces, and without what formats text and shows
    nothing, which comes along with what is pasted."""
    if given.isascii():
        return given
    kinds = ((one, unicodedata.category(one)) for one in unicodedata.normalize("NFC", given))
    return "".join(
        " " if kind == "Zs" else one for one, kind in kinds if kind != "Cf" or one in _SPELLING
    )


def as_one_line(given: str) -> str:
    """The same with single spaces: how lines are kept, and so looked for."""
    return " ".join(as_typed(given).split())


def contains(text: str | None, words: str) -> bool:
    """Whether a text has a line of words, in any case, however it is broken over lines."""
    return words.casefold() in as_one_line(text or "").casefold()


def readable(given: str) -> str:
    """What can be shown of somebody else's text, in lines; nothing is refused."""
    lines = "\n".join(as_typed(given).replace("\t", " ").splitlines())
    return "".join(one for one in lines if one == "\n" or _is_readable(one))


def one_line(given: str, name: str, most: int) -> str:
    """Readable characters with single spaces. Raises AppError, which names the field."""
    text = as_one_line(given)
    if not _shows(text) or len(text) > most or not _is_readable(text):
        raise AppError("bad_request", f"`{name}` needs 1 to {most} printable characters.")
    return text


def some_text(given: str, name: str, most: int) -> str:
    """Readable lines; the line ends are "\\n". Raises AppError("bad_request")."""
    text = "\n".join(line.rstrip() for line in as_typed(given).splitlines()).strip("\n")
    is_readable = all(_is_readable(line) for line in text.replace("\t", " ").split("\n"))
    if not _shows(text) or len(text) > most or not is_readable:
        raise AppError("bad_request", f"`{name}` needs 1 to {most} printable characters.")
    return text


def _is_readable(line: str) -> bool:
    if line.isprintable():
        return True
    return storable(line) == line and _UNREADABLE.isdisjoint(map(unicodedata.category, line))


def _shows(text: str) -> bool:
    """Whether there is anything to see, beside spaces and what only shapes other characters."""
    return any(not one.isspace() and unicodedata.category(one) not in _SHAPING for one in text)


def mail_address(given: str, name: str) -> str:
    """An e-mail address in lower case, without asking any name server. Raises AppError."""
    try:
        found = email_validator.validate_email(
            given.strip(), check_deliverability=False, allow_smtputf8=False
        )
    except email_validator.EmailNotValidError as error:
        raise AppError("bad_request", f"`{name}`: {error}") from None
    return found.normalized.lower()
