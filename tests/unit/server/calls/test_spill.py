"""Entries in a file: as they were, in order, nobody else's to read, and gone in the end."""

import stat
import uuid
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from db.core import sealing
from media.effects import Publish, Record, Settle
from media.events import Keyed, Requested
from media.published import AgentState, AmdResult, TranscriptFinal
from server.calls.spill import Spill, decode, encode
from server.calls.writing import Entry

CALL, USER = uuid.uuid4(), uuid.uuid4()
KEY = sealing.key(sealing.new_key_id(), sealing.new_secret())
EMITTED = (
    Record(type="call.answered", status="answered", answered_at=1.5),
    Settle(commit=True),
    Publish(TranscriptFinal("caller", "Grüße.\n", "Grüße."), cause="c1"),
    Publish(AmdResult("human", 12)),
)


def entry(seq: int) -> Entry:
    return Entry(CALL, USER, 3, seq, 1.25, Keyed("1"), EMITTED, {"deepgram.stt": 20 * seq})


def test_an_entry_comes_back_as_it_was() -> None:
    for one in (entry(1), Entry(CALL, USER, 1, 0, 2.0, Requested("bread"), ())):
        assert encode(one).count(b"\n") == 1
        assert decode(encode(one)) == one


def test_a_line_of_before_costs_were_counted_is_read() -> None:
    *fields, consumed = msgspec.json.decode(encode(entry(1)))
    assert consumed == {"deepgram.stt": 20}
    assert decode(msgspec.json.encode(fields)).consumed == {}


def test_what_is_ephemeral_is_not_kept() -> None:
    passing = Publish(AgentState("thinking"), key="state")
    assert decode(encode(Entry(CALL, USER, 1, 1, 1.0, Keyed("1"), (passing,)))).emitted == ()


def test_first_in_first_out_while_more_comes_and_gone_at_last(tmp_path: Path) -> None:
    spill = Spill(tmp_path / "unwritten", KEY)
    spill.add([entry(seq) for seq in range(5)])
    assert [one.seq for one in spill.take(3)] == [0, 1, 2]
    spill.add([entry(5)])
    assert spill.unread == 3
    (file,) = (tmp_path / "unwritten").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.seq for one in spill.take(9)] == [3, 4, 5]
    assert (spill.active, spill.unread) == (True, 0)
    spill.remove()
    assert not spill.active
    assert list((tmp_path / "unwritten").iterdir()) == []


def test_a_file_is_taken_over_once_its_process_is_gone(tmp_path: Path) -> None:
    first, second, third = Spill(tmp_path, KEY), Spill(tmp_path, KEY), Spill(tmp_path, KEY)
    first.add([entry(1), entry(2)])
    assert second.adopt() == 0
    first.close()
    assert second.adopt() == 2
    assert third.adopt() == 0
    second.add([entry(3)])
    assert [one.seq for one in second.take(9)] == [1, 2, 3]
    second.remove()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_is_told_and_left_out(tmp_path: Path) -> None:
    lines = [encode(entry(1)), b"secret\n", encode(entry(2)), encode(entry(3))[:-5]]
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines))
    spill = Spill(tmp_path, KEY)
    assert spill.adopt() == 3
    with capture_logs() as logs:
        assert [one.seq for one in spill.take(9)] == [1, 2]
    assert spill.unread == 0
    assert {line["event"] for line in logs} == {"entry_unreadable"}
    assert "secret" not in str(logs)
    spill.remove()


def test_a_full_disk_changes_no_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spill = Spill(tmp_path, KEY)
    spill.add([entry(1)])
    monkeypatch.setattr("os.write", lambda *_: 1)  # a border: the disk
    spill.add([entry(2)])
    monkeypatch.undo()
    spill.add([entry(3)])
    assert not spill.kept
    assert [one.seq for one in spill.take(9)] == [1, 2, 3]
    assert spill.unread == 0
    spill.remove()


def test_lines_are_sealed_and_open_in_their_file_alone(tmp_path: Path) -> None:
    first = Spill(tmp_path, KEY)
    first.add([entry(1), entry(2)])
    first.close()
    (file,) = tmp_path.iterdir()
    assert b"call.answered" not in file.read_bytes()
    (tmp_path / "other.jsonl").write_bytes(file.read_bytes())
    file.write_bytes(encode(entry(3)))  # as a version from before left it
    second = Spill(tmp_path, KEY)
    assert second.adopt() == 3
    with capture_logs() as logs:
        assert [one.seq for one in second.take(9)] == [3]
    assert [line["error"] for line in logs] == ["Unsealable", "Unsealable"]
    assert (second.active, second.unread) == (True, 0)
    second.remove()


def test_without_sealing_lines_are_as_they_were(tmp_path: Path) -> None:
    spill = Spill(tmp_path, None)
    spill.add([entry(1)])
    (file,) = tmp_path.iterdir()
    assert file.read_bytes() == encode(entry(1))
    assert [one.seq for one in spill.take(9)] == [1]
    spill.remove()
