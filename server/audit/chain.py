"""The chain: what a row's hash is over, how its end is signed, and what a look at all of it finds.

Pure. Each hash is over a row and the hash before it; a signed place vouches for everything up to
it. So an edit, a row taken out, put in or moved shows at its place, unless every hash after it was
made anew; and then the next signature does not fit, which takes a key that no database has.
"""

import datetime as dt
import hashlib
import hmac
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from db.audit import ActRow, Anchor, Link, Seal

GENESIS = hashlib.sha256(b"talking-app audit 1").digest()
LATE = dt.timedelta(hours=1)  # no transaction takes so long
_MOST_COMPARED = 200

Kind: TypeAlias = Literal["edited", "deleted", "inserted", "reordered", "rewritten", "unsigned"]


class Finding(msgspec.Struct, frozen=True):
    """Something that nobody who only acts can have done; `id` is the row's, where it is one's."""

    kind: Kind
    place: int | None
    id: uuid.UUID | None
    detail: str


def link_hash(previous: bytes, row: ActRow) -> bytes:
    """The hash of a row in the place after the one with the hash `previous`."""
    return hashlib.sha256(previous + _content(row)).digest()


def linked(after: Seal, rows: Sequence[ActRow]) -> list[Link]:
    """The rows in their places after this one."""
    links, previous = [], after.hash
    for place, row in enumerate(rows, after.place + 1):
        previous = link_hash(previous, row)
        links.append(Link(place, row.id, previous, row))
    return links


def signature(key: bytes, place: int, hashed: bytes) -> bytes:
    """Whoever has the key says that the chain up to this place has this hash."""
    return hmac.digest(key, b"audit chain %d " % place + hashed, hashlib.sha256)


def signed(key_id: str, key: bytes, place: int, hashed: bytes) -> Seal:
    """The place with its signature; unsigned without a key."""
    return Seal(
        place, hashed, key_id if key else "", signature(key, place, hashed) if key else None
    )


class Inspection:
    """A look along the chain, place by place; `begin` vouches for what is before the first."""

    def __init__(self, begin: Seal, anchors: Iterable[Anchor], keys: Mapping[str, bytes]) -> None:
        self.findings: list[Finding] = []
        self.rows = self.places = 0
        self._keys = keys
        self._begin = self._end = begin
        self._anchors = [one for one in anchors if one.place >= begin.place]
        self._wrong: list[tuple[Link, bytes]] = []
        self._passed = 0  # of the anchors
        self._latest: Anchor | None = None

    def link(self, link: Link) -> None:
        """Look at the next place there is."""
        end = self._end
        if link.place > end.place + 1:
            last = link.place - 1
            missing = (
                f"places {end.place + 1} to {last} are"
                if last > end.place + 1
                else (f"place {last} is")
            )
            self._find("deleted", end.place + 1, None, f"{missing} gone from the chain")
            previous = None
        else:
            previous = end.hash
        self._pass_anchors(end)
        self.places = link.place - self._begin.place
        self._end = Seal(link.place, link.hash, "", None)
        if link.row is None:
            self._find("deleted", link.place, link.log_id, "the row is gone")
            return
        self.rows += 1
        if previous is not None and link_hash(previous, link.row) != link.hash:
            self._wrong.append((link, previous))
        if self._latest is not None and link.row.at < self._latest.at - LATE:
            self._find(
                "inserted", link.place, link.log_id,
                f"it says it happened at {link.row.at.isoformat()}, and was not there for the "
                f"anchor of {self._latest.day}",
            )  # fmt: skip

    def finish(self, head: Seal | None) -> list[Finding]:
        """All findings, by place; `head` is the chain's end if the look went that far."""
        self._pass_anchors(self._end)
        for anchor in self._anchors[self._passed :]:
            if head is not None:
                self._find(
                    "deleted", anchor.place, None,
                    f"the anchor of {anchor.day} is at a place the chain does not reach",
                )  # fmt: skip
        if head is not None:
            self._look_at_head(head)
        self._name_wrong()
        return sorted(self.findings, key=lambda found: (found.place is None, found.place or 0))

    def _pass_anchors(self, end: Seal) -> None:
        while self._passed < len(self._anchors):
            anchor = self._anchors[self._passed]
            if anchor.place > end.place:
                return
            self._passed += 1
            self._latest = anchor
            if anchor.place == end.place and anchor.hash != end.hash:
                self._find(
                    "rewritten", anchor.place, None,
                    f"the anchor of {anchor.day} does not fit: a row up to it was changed, and "
                    "every hash after that made anew",
                )  # fmt: skip
            self._check(anchor, f"the anchor of {anchor.day}")

    def _look_at_head(self, head: Seal) -> None:
        if head.place > self._end.place:
            self._find(
                "deleted", self._end.place + 1, None,
                f"places {self._end.place + 1} to {head.place} are gone from the chain's end",
            )  # fmt: skip
        elif (head.place, head.hash) != (self._end.place, self._end.hash):
            self._find("rewritten", head.place, None, "the chain's end is not what it was")
        if head.place:
            self._check(head, "the chain's end")

    def _check(self, seal: Seal, what: str) -> None:
        key = self._keys.get(seal.key_id)
        if key is None or seal.signature is None:
            self._find("unsigned", seal.place, None, f"{what} is signed by no key that is known")
        elif not hmac.compare_digest(signature(key, seal.place, seal.hash), seal.signature):
            self._find("rewritten", seal.place, None, f"the signature of {what} is wrong")

    def _name_wrong(self) -> None:
        """An edit leaves a place that no row fits; where another row fits, they were exchanged."""
        wrong = self._wrong[:_MOST_COMPARED]
        hashes = {link.hash for link, _ in wrong}
        for link, previous in self._wrong:
            others = (other.row for other, _ in wrong if other.log_id != link.log_id)
            fits = next(
                (one for one in others if one is not None and link_hash(previous, one) in hashes),
                None,
            )
            if fits is not None:
                detail = f"its place is another's: row {fits.id} fits there"
                self._find("reordered", link.place, link.log_id, detail)
            else:
                detail = "it is not what was written down, or a place before it is gone"
                self._find("edited", link.place, link.log_id, detail)

    def _find(self, kind: Kind, place: int | None, row: uuid.UUID | None, detail: str) -> None:
        self.findings.append(Finding(kind, place, row, detail))


def _content(row: ActRow) -> bytes:
    """Everything a row holds, in one form only."""
    address = None if row.address_hash is None else row.address_hash.hex()
    at = round(row.at.timestamp() * 1_000_000)
    return msgspec.json.encode(
        [
            row.id, at, row.actor_kind, row.actor_id, row.actor_name, row.action, row.user_id,
            row.subject, row.request_id, address, row.reason, row.data,
        ],
        order="deterministic",
    )  # fmt: skip
