"""What a look along the chain finds: nothing where nobody changed anything, and each change."""

import datetime as dt
import random
import uuid
from collections.abc import Sequence

import msgspec

from db.audit import ActRow, Anchor, Link, Seal
from server.audit.chain import GENESIS, Finding, Inspection, link_hash, linked, signature, signed
from server.audit.keys import key_id

KEY = b"k" * 32
KEYS = {key_id(KEY): KEY}
BEGUN = Seal(0, GENESIS, "", None)
FIRST = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)


def row(minute: int, **changes: object) -> ActRow:
    found = ActRow(
        id=uuid.uuid5(uuid.NAMESPACE_OID, str(minute)), at=FIRST + dt.timedelta(minutes=minute),
        actor_kind="operator", actor_id=uuid.UUID(int=1), actor_name="", action="call.ai_mute",
        user_id=uuid.UUID(int=2), subject=f"call:{minute}", request_id="r", address_hash=b"\1\2",
        reason="", data={"b": 1, "a": [2]},
    )  # fmt: skip
    return msgspec.structs.replace(found, **changes)


def anchor(at: Link, minute: int, key: bytes = KEY) -> Anchor:
    seal = signed(key_id(key), key, at.place, at.hash)
    when = FIRST + dt.timedelta(minutes=minute)
    return Anchor(*msgspec.structs.astuple(seal), day=when.date(), at=when)


def look(
    links: Sequence[Link], anchors: Sequence[Anchor] = (), head: Link | None = None
) -> list[Finding]:
    """All findings; `head` is where the signed end is, if not the last link."""
    inspection = Inspection(BEGUN, anchors, KEYS)
    for link in links:
        inspection.link(link)
    end = head or links[-1]
    return inspection.finish(signed(key_id(KEY), KEY, end.place, end.hash))


def kinds(found: Sequence[Finding]) -> list[tuple[str, int | None]]:
    return [(one.kind, one.place) for one in found]


def test_a_chain_nobody_touched_has_no_findings() -> None:
    links = linked(BEGUN, [row(n) for n in range(50)])
    assert look(links, [anchor(links[9], 10), anchor(links[29], 30)]) == []


def test_the_order_of_keys_in_data_does_not_matter_and_everything_else_does() -> None:
    one = row(1)
    assert link_hash(b"", one) == link_hash(b"", row(1, data={"a": [2], "b": 1}))
    changed = {
        "id": uuid.uuid4(), "at": one.at + dt.timedelta(microseconds=1), "actor_kind": "user",
        "actor_id": None, "actor_name": "x", "action": "call.say", "user_id": None, "subject": "",
        "request_id": "s", "address_hash": None, "reason": "x", "data": {},
    }  # fmt: skip
    assert set(changed) == {field.name for field in msgspec.structs.fields(ActRow)}
    for name, value in changed.items():
        assert link_hash(b"", row(1, **{name: value})) != link_hash(b"", one), name


def test_an_edited_row_is_named() -> None:
    for edited in range(10):
        links = linked(BEGUN, [row(n) for n in range(10)])
        links[edited] = msgspec.structs.replace(links[edited], row=row(edited, reason="x"))
        found = look(links)
        assert kinds(found) == [("edited", edited + 1)]
        assert found[0].id == links[edited].log_id


def test_a_row_that_is_gone_is_named_also_when_its_place_went_with_it() -> None:
    links = linked(BEGUN, [row(n) for n in range(10)])
    links[4] = msgspec.structs.replace(links[4], row=None)
    assert kinds(look(links)) == [("deleted", 5)]
    assert kinds(look(links[:4] + links[5:])) == [("deleted", 5)]
    assert kinds(look(links[:4] + links[7:])) == [("deleted", 5)]
    assert kinds(look(links[:4], head=links[9])) == [("deleted", 5)]


def test_places_closed_up_after_a_deletion_do_not_fit() -> None:
    links = linked(BEGUN, [row(n) for n in range(10)])
    kept = [
        msgspec.structs.replace(link, place=place)
        for place, link in enumerate(links[:4] + links[5:], 1)
    ]
    assert kinds(look(kept, head=links[9])) == [("edited", 5), ("deleted", 10)]


def test_rows_that_changed_places_are_named() -> None:
    links = linked(BEGUN, [row(n) for n in range(10)])
    one, other = links[2], links[6]
    links[2] = msgspec.structs.replace(one, log_id=other.log_id, row=other.row)
    links[6] = msgspec.structs.replace(other, log_id=one.log_id, row=one.row)
    assert kinds(look(links)) == [("reordered", 3), ("reordered", 7)]


def test_a_row_put_into_a_chain_made_anew_shows_at_the_next_anchor_and_at_the_end() -> None:
    rows = [row(n) for n in range(10)]
    links = linked(BEGUN, rows)
    forged = linked(BEGUN, [*rows[:4], row(99, at=rows[3].at), *rows[4:]])
    assert kinds(look(forged, [anchor(links[7], 8)], head=links[9])) == [
        ("rewritten", 8),
        ("rewritten", 10),
    ]
    assert kinds(look(forged, head=links[9])) == [("rewritten", 10)]


def test_without_the_key_an_end_made_anew_has_a_wrong_signature() -> None:
    links = linked(BEGUN, [row(n, reason="forged") for n in range(4)])
    inspection = Inspection(BEGUN, (), KEYS)
    for link in links:
        inspection.link(link)
    stolen = signature(b"another", 4, links[3].hash)
    found = inspection.finish(Seal(4, links[3].hash, key_id(KEY), stolen))
    assert kinds(found) == [("rewritten", 4)]


def test_a_missing_signature_or_an_unknown_key_is_no_signature() -> None:
    links = linked(BEGUN, [row(n) for n in range(4)])
    assert kinds(look(links, [anchor(links[1], 2, b"other")])) == [("unsigned", 2)]
    inspection = Inspection(BEGUN, (), KEYS)
    for link in links:
        inspection.link(link)
    assert kinds(inspection.finish(Seal(4, links[3].hash, "", None))) == [("unsigned", 4)]


def test_a_row_that_says_it_is_older_than_an_anchor_before_it_was_put_in() -> None:
    rows = [row(n) for n in range(200)]
    links = linked(BEGUN, [*rows, row(5, id=uuid.uuid4())])
    found = look(links, [anchor(links[150], 151)])
    assert kinds(found) == [("inserted", 201)]


def test_any_one_change_anywhere_is_found() -> None:
    chance = random.Random(14)
    whole = linked(BEGUN, [row(n) for n in range(40)])
    for _ in range(200):
        links, at = list(whole), chance.randrange(40)
        match chance.randrange(4):
            case 0:
                changed = row(at, action="plan.changed")
                links[at] = msgspec.structs.replace(links[at], row=changed)
            case 1:
                del links[at]
            case 2:
                links[at] = msgspec.structs.replace(links[at], hash=bytes(32))
            case _:
                links = linked(BEGUN, [one.row for one in links[:at] if one.row]) + linked(
                    Seal(at + 1, links[at].hash, "", None),
                    [one.row for one in links[at + 1 :] if one.row],
                )
        assert look(links, head=whole[-1]) != []
