"""Pages of a list, newest first: the query that asks for one, and the cursor to the next."""

import base64
import binascii
import datetime as dt
import uuid
from typing import Annotated

import msgspec
from msgspec import Meta

from server.core.errors import AppError

_YEARS = range(2000, 2200)  # beyond, a change of time zone may leave what PostgreSQL keeps


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`cursor` is what the page before gave."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Annotated[str, Meta(max_length=200)] | None = None


def write_cursor(created_at: dt.datetime, row_id: uuid.UUID) -> str:
    """A place in the list, as clients hand it back."""
    text = f"{created_at.astimezone(dt.UTC).isoformat()} {row_id}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def next_cursor(place: tuple[dt.datetime, uuid.UUID] | None) -> str | None:
    """The cursor to the page after this place, if there is one."""
    return None if place is None else write_cursor(*place)


def read_cursor(cursor: str | None) -> tuple[dt.datetime, uuid.UUID] | None:
    """The place a cursor names; None for the beginning. Raises AppError("bad_request")."""
    if cursor is None:
        return None
    try:
        at, _, row_id = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        when = dt.datetime.fromisoformat(at)
        if when.tzinfo is None or when.year not in _YEARS:
            raise ValueError(at)
        return when, uuid.UUID(row_id)
    except (ValueError, binascii.Error):
        raise AppError("bad_request", "`cursor` must be one that a page gave.") from None
