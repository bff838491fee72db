"""A copy of everything that is somebody's, and of nobody else's."""

import asyncio
import csv
import io
import wave
import zipfile
from typing import Any

import msgspec
import pytest

from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.privacy import erasure, exports
from server.privacy.export_rows import KINDS
from server.privacy.wire import ExportOut
from tests.integration.server.privacy import seed
from tests.integration.server.privacy.privacy_node import PrivacyNode


async def files_of(node: PrivacyNode, who: Identity) -> dict[str, bytes]:
    await exports.ask(node.deps, who)
    await node.work()
    ready = await exports.ask(node.deps, who)
    assert ready.url is not None
    row = await exports._granted(node.deps, ready.url.rpartition("/")[2])
    made = b"".join([piece async for piece in exports.archive(node.deps, row)])
    with zipfile.ZipFile(io.BytesIO(made)) as whole:
        assert whole.testzip() is None
        return {name: whole.read(name) for name in whole.namelist()}


def rows(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.json.decode(files[f"{name}.json"])
    sheet = list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode("utf-8-sig"))))
    assert len(sheet) == len(found), name
    return found


async def test_everything_is_in_it_and_nothing_of_anybody_else(node: PrivacyNode) -> None:
    ours, theirs = seed.canaries(1), seed.canaries(2)
    who = await node.sign_up(ours.email, ours.phone)
    other = await node.sign_up(theirs.email, theirs.phone)
    ids = await seed.everything(node, who, ours)
    await seed.everything(node, other, theirs)
    files = await files_of(node, who)
    whole = b"".join(files.values())
    assert [mark for mark in ours.all() if mark not in whole] == []
    assert [mark for mark in theirs.all() if mark in whole] == []

    assert {f"{name}.json" for name in KINDS} <= files.keys()
    [profile] = rows(files, "profile")
    assert (profile["email"], profile["name"], profile["time_zone"]) == (
        ours.email, ours.name, "America/Denver",
    )  # fmt: skip
    assert [call["id"] for call in rows(files, "calls")] == [str(ids["call"])]
    said = {(turn["speaker"], turn["text"]) for turn in rows(files, "transcripts")}
    assert {("caller", ours.said), ("operator", ours.operator_said)} <= said
    assert {row["direction"] for row in rows(files, "texts")} == {"inbound", "outbound"}
    assert rows(files, "emails")[0]["content"] == ours.mail
    assert {row["event_type"] for row in rows(files, "billing_events")} >= {
        "registration", "invoice.paid", "text.started", "email.sent",
    }  # fmt: skip
    assert any(row["texts_used"] == 1 for row in rows(files, "usage"))
    [recorded] = rows(files, "recordings")
    assert ours.consent in recorded["words"]
    with wave.open(io.BytesIO(files[f"recordings/{ids['call']}.wav"])) as file:
        assert (file.getnchannels(), file.getnframes()) == (2, 80)
    contents = msgspec.json.decode(files["contents.json"])
    assert contents["rows"]["calls"] == 1
    assert contents["user_id"] == str(who.user_id)


async def test_a_copy_is_asked_for_once_and_its_link_stays_the_same(node: PrivacyNode) -> None:
    found = seed.canaries(3)
    who = await node.sign_up(found.email, found.phone)
    asked = await asyncio.gather(
        *(exports.ask(node.deps, who) for _ in range(5)), return_exceptions=True
    )
    ids = {one.id for one in asked if isinstance(one, ExportOut)}
    assert len(ids) == 1
    await node.work()
    ready = await exports.ask(node.deps, who)
    assert (ready.id, ready.state) == (ids.pop(), "ready")
    assert (await exports.ask(node.deps, who)).url == ready.url
    assert ready.counts["calls"] == 0


async def test_a_link_is_good_for_its_time_only_and_not_once_its_person_is_forgotten(
    node: PrivacyNode,
) -> None:
    found = seed.canaries(4)
    who = await node.sign_up(found.email, found.phone)
    await exports.ask(node.deps, who)
    await node.work()
    url = (await exports.ask(node.deps, who)).url
    assert url is not None
    token = url.rpartition("/")[2]
    assert (await exports._granted(node.deps, token)).user_id == who.user_id

    hours = node.deps.config.privacy.export_link_hours
    clock = node.deps.clock
    later = node.changed(clock=lambda: clock() + hours * 3600 + 1)
    for asked, given in ((node, token[:-2] + "AA"), (later, token)):
        with pytest.raises(AppError) as refused:
            await exports._granted(asked.deps, given)
        assert refused.value.code == "not_found"

    await erasure.ask(node.deps, who, found.email)
    with pytest.raises(AppError):
        await exports._granted(node.deps, token)
