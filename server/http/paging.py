"""Pages of a list: the query that asks for one, its filters, and the cursor to the next.

A cursor carries what it was made with, so that one page is never continued by another list's. Knows
no nouns.
"""

import base64
import binascii
import datetime as dt
import hashlib
import uuid
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from db.core.visible import Place
from server.core.errors import AppError
from server.core.validation import as_one_line, one_line

_YEARS = range(2000, 2200)  # beyond, a change of time zone may leave what PostgreSQL keeps
MOST_EXPANDED = 20  # rows of a page with more put into each
_SECONDS = range(2**31)
_NOT_FILTERS = frozenset({"limit", "cursor", "expand"})
_DAY = len("2026-11-29")
_DAY_PATTERN = "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"

DayOrTime: TypeAlias = Annotated[
    str,
    Meta(min_length=1, max_length=40,
         description="A day, which is within, or a time: `since` is within, `until` is not.",
         examples=["2026-11-29", "2026-11-29T08:30:00Z"],
         extra_json_schema={"pattern":
             rf"^{_DAY_PATTERN}(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)?$"}),
]  # fmt: skip
"""A time (RFC 3339), or a day of UTC. The schema names what surely is taken."""
AnyTopic: TypeAlias = Annotated[
    str,
    Meta(min_length=1, max_length=2000, description="Exactly this topic, in any case."),
]
MOST_SEARCHED = 100  # characters
Search: TypeAlias = Annotated[
    str,
    Meta(min_length=2, max_length=MOST_SEARCHED,
         description="In the topic, the number or address, and all that was said or written, in any"
         " case."),
]  # fmt: skip
ByTime: TypeAlias = Literal["created_at", "-created_at"]


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`cursor` is what the page before gave."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Annotated[str, Meta(max_length=200)] | None = None


class ListQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """`since` is the first moment, or day, and `until` the end: a moment that is not within any
    more, or a day that still is."""

    since: DayOrTime | None = None
    until: DayOrTime | None = None


def check_expanded(query: PageQuery, more: str | None) -> None:
    """Refuse a page too long to read `more` of each row. Raises AppError("bad_request")."""
    if more is not None and query.limit > MOST_EXPANDED:
        told = f"With `expand` or `search`, `limit` is {MOST_EXPANDED} at most."
        raise AppError("bad_request", told)


def searched(search: str | None) -> str | None:
    """What is looked for. Raises AppError("bad_request")."""
    return None if search is None else one_line(search, "search", MOST_SEARCHED)


def made_with(query: PageQuery) -> str:
    """What tells a list's filters and order from others; "" for a list as it is without any."""
    given = {
        field.encode_name: getattr(query, field.name)
        for field in msgspec.structs.fields(query)
        if field.name not in _NOT_FILTERS and getattr(query, field.name) != field.default
    }
    if not given:
        return ""
    encoded = msgspec.json.encode(given, order="sorted")
    return hashlib.sha256(encoded).hexdigest()[:16]


def write_cursor(key: dt.datetime | int, row_id: uuid.UUID, made: str = "") -> str:
    """A place in the list, as clients hand it back."""
    at = key.astimezone(dt.UTC).isoformat() if isinstance(key, dt.datetime) else str(key)
    text = f"{at} {row_id} {made}".rstrip()
    return base64.urlsafe_b64encode(text.encode()).decode()


def next_cursor(place: Place | None, query: PageQuery) -> str | None:
    """The cursor to the page after this place, if there is one."""
    return None if place is None else write_cursor(*place, made_with(query))


def read_cursor(query: PageQuery) -> tuple[dt.datetime, uuid.UUID] | None:
    """The place in a list by time that the query's cursor names; None for the beginning.

    Raises AppError: bad_request, and cursor_mismatch for one made with other filters.
    """
    if query.cursor is None:
        return None
    at, row_id = _read(query.cursor, made_with(query))
    try:
        when = dt.datetime.fromisoformat(at)
    except ValueError:
        raise _unreadable() from None
    if when.tzinfo is None or when.year not in _YEARS:
        raise _unreadable()
    return when, row_id


def read_number_cursor(query: PageQuery) -> tuple[int, uuid.UUID] | None:
    """As `read_cursor`, in a list sorted by a number."""
    if query.cursor is None:
        return None
    text, row_id = _read(query.cursor, made_with(query))
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) in _SECONDS):
        raise _unreadable()
    return int(text), row_id


def _read(cursor: str, made: str) -> tuple[str, uuid.UUID]:
    try:
        key, row_id, *rest = base64.urlsafe_b64decode(cursor).decode().split(" ")
        found = key, uuid.UUID(row_id)
    except (ValueError, binascii.Error):
        raise _unreadable() from None
    if " ".join(rest) != made:
        raise AppError("cursor_mismatch")
    return found


def _unreadable() -> AppError:
    return AppError("bad_request", "`cursor` must be one that a page gave.")


def kept(words: str | None) -> str | None:
    """Words that are looked for, as they would be kept."""
    return None if words is None else as_one_line(words)


def beginning(given: str | None, name: str) -> dt.datetime | None:
    """The first moment of a day or the time given. Raises AppError("bad_request")."""
    return None if given is None else _moment(given, name)


def end(given: str | None, name: str) -> dt.datetime | None:
    """The moment after a day, or the time given. Raises AppError("bad_request")."""
    if given is None:
        return None
    return _moment(given, name) + dt.timedelta(days=len(given) == _DAY)


def _moment(given: str, name: str) -> dt.datetime:
    try:
        if len(given) == _DAY:
            day = msgspec.convert(given, dt.date)
            when = dt.datetime.combine(day, dt.time(), dt.UTC)
        else:
            when = msgspec.convert(given, Annotated[dt.datetime, Meta(tz=True)])
    except msgspec.ValidationError:
        raise AppError(
            "bad_request",
            f"`{name}` must be a day such as 2026-11-29 or a time such as 2026-11-29T08:30:00Z.",
        ) from None
    if when.year not in _YEARS:
        raise AppError("bad_request", f"`{name}` lies between 2000 and 2200.")
    return when
