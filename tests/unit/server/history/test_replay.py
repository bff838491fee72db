"""A call's past: what rows leave out is there again when they are read."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import msgspec

from db.core import packing
from db.history.journal import JournalRow
from media.agent import Agent
from media.events import CarrierStatus, Requested, SpeechBegan, ToolAnswered, ToolCalled
from media.settings import Settings
from media.tools import Tool, ToolCall
from server.core.times import utc
from server.history import replay
from server.history.replay import decode_event, folded, kept, shown
from tests.support.beside import Beside
from tests.support.script import Script

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def row(event: object) -> JournalRow:
    return JournalRow(1, NOON, msgspec.to_builtins(event))


def test_a_row_leaves_defaults_out_and_clients_get_them() -> None:
    short = row(SpeechBegan(3))
    assert short.event == {"type": "speech_began", "utterance": 3}
    assert shown(short) == {"type": "speech_began", "utterance": 3, "side": "caller"}
    assert shown(row(CarrierStatus("ringing", "CA1"))) == {
        "type": "carrier_status", "status": "ringing", "sid": "CA1", "at": None,
        "duration_seconds": None, "sequence": None,
    }  # fmt: skip


def test_a_row_of_before_that_has_its_defaults_is_the_same_event() -> None:
    before = row({"type": "speech_began", "utterance": 3, "side": "caller"})
    assert decode_event(before) == SpeechBegan(3)
    assert shown(before) == before.event


def test_an_event_that_this_code_does_not_know_is_shown_as_it_is() -> None:
    later = row({"type": "of_tomorrow", "n": 1})
    assert shown(later) == later.event


def test_of_tools_only_names_and_outcomes_are_shown() -> None:
    agent = Agent(
        "1",
        "ann",
        "Ann",
        tools=(Tool("orders", "Finds orders", "{}"),),
        transfer_to=("+12125550199",),
    )
    events = (
        Requested("tea", agent=agent),
        ToolCalled(2, ToolCall("a", "orders", '{"id": 7}')),
        ToolAnswered(1, "ok", "on its way"),
    )
    for form in (shown, kept):
        told = msgspec.json.encode([form(row(event)) for event in events]).decode()
        for hidden in ("Finds orders", "+1212", "id\\", "on its way"):
            assert hidden not in told
        for seen in ("Ann", "orders", '"ok"'):
            assert seen in told
    plain = row(SpeechBegan(3))
    assert kept(plain) == plain.event


async def test_a_call_is_folded_beside_the_loop() -> None:
    script = Script().quiet()
    rows = [
        {"call_id": "c", "seq": seq, "last_seq": seq, "at": utc(at), "event": None,
         "entries": packing.pack([(0, event)])}
        for seq, (at, event) in enumerate(script.journal)
    ]  # fmt: skip

    async def fetch(*_: object) -> list[dict[str, Any]]:
        return rows

    beside, connection, call = Beside(), SimpleNamespace(fetch=fetch), SimpleNamespace(id="c")
    past = await replay.read(connection, call, Settings())  # type: ignore[arg-type]
    assert (past.call, past.seq) == (script.call, len(rows) - 1)
    assert beside.done == [folded]
