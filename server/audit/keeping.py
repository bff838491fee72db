"""Keeping the chain: places given, anchors made, and all of it looked at.

Nobody who acts waits for a place. They are given by a chore, a piece at a time, by one node at
once; at the first time on a day, the chain's end is kept as that day's anchor and logged, so that
it is also where no hand on the database reaches.
"""

import datetime as dt

import msgspec
import structlog

from db import audit
from db.audit import Anchor, Seal
from db.core.rows import Connection
from server.audit.chain import GENESIS, Finding, Inspection, linked, signed
from server.audit.keys import AuditKeys, key_id
from server.core.node import Node
from server.core.times import utc

log = structlog.get_logger(__name__)

PIECE = 500
SHOWN = 100
_PATIENCE = "set local statement_timeout = '15min'"  # a look at all there is; nobody waits for it
_FAR = 2**62


class Report(msgspec.Struct, frozen=True):
    """What a look at the log found; `waiting` rows have no place yet and are vouched for by
    nobody."""

    rows: int
    first_place: int
    last_place: int
    waiting: int
    anchors: int
    findings: list[Finding]


async def keep(node: Node) -> None:
    """Give everything its place, and the day its anchor."""
    await give_places(node)
    async with node.pools.as_service() as connection:
        made = await audit.anchor(connection, utc(node.clock()).date())
    if made is not None:
        log.info("audit_anchor", **printed(made))


def printed(anchor: Anchor) -> dict[str, str | int]:
    """An anchor as it can be kept elsewhere."""
    sign = anchor.signature.hex() if anchor.signature is not None else ""
    return {
        "day": anchor.day.isoformat(), "place": anchor.place, "hash": anchor.hash.hex(),
        "key": anchor.key_id, "signature": sign,
    }  # fmt: skip


async def give_places(node: Node) -> None:
    """Give everything that waits its place, unless another node is at it."""
    while await _give_some(node, node.audit_key):
        pass


async def _give_some(node: Node, key: bytes) -> bool:
    """A piece of them; whether there may be more."""
    async with node.pools.as_service() as connection:
        head = await audit.head(connection, lock=True)
        rows = [] if head is None else await audit.waiting(connection, PIECE)
        if head is None or not rows:
            return False
        links = linked(head, rows)
        end = signed(key_id(key), key, links[-1].place, links[-1].hash)
        await audit.chain(connection, links, end)
    return len(rows) == PIECE


async def verify(
    connection: Connection,
    keys: AuditKeys,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> Report:
    """Look at every row between the anchors around these times, or at all there are.

    `connection` sees the database as of one moment.
    """
    await connection.execute(_PATIENCE)
    anchors = await audit.anchors(connection)
    head = await audit.head(connection)
    first = await audit.first_place(connection) or 1
    begin = _begin(anchors, first, since)
    ends = [one.place for one in anchors if until is not None and one.at >= until]
    last = min(ends, default=_FAR)
    look = Inspection(begin, anchors, keys.known)
    async for link in audit.links(connection, begin.place, last):
        look.link(link)
    findings = look.finish(head if last == _FAR else None)
    findings += [
        Finding("inserted", None, row, "it has no place in the chain and waits for none")
        for row in await audit.unchained(connection, SHOWN)
    ]
    findings += [
        Finding("deleted", None, row, "it is gone before it had a place")
        for row in await audit.lost(connection, SHOWN)
    ]
    waiting = await audit.pending(connection)
    end = begin.place + look.places
    return Report(look.rows, begin.place + 1, end, waiting, len(anchors), findings)


def _begin(anchors: list[Anchor], first: int, since: dt.datetime | None) -> Seal:
    """The place to look on from: that of an anchor, or the beginning of all."""
    known = [one for one in anchors if one.place >= first - 1]
    if since is not None:
        before = [one for one in known if one.at <= since]
        if before:
            return before[-1]
    if first > 1 and known and known[0].place == first - 1:
        return known[0]  # what was before it was forgotten
    return Seal(0, GENESIS, "", None)
