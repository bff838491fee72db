"""Entries of live calls that memory has no room for: in a file until the database has taken them.

One line an entry, in order. Whoever writes a file holds it locked, so a file nobody locks was left
by a process that is gone, and belongs to the next one that uses the folder. What is in it was said
by people: each line is sealed, nobody else may read the file (0600), and it is gone once it is
written down. Knows no database.
"""

import fcntl
import os
import uuid
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeAlias

import msgspec
import structlog

from db.core import sealing
from db.core.sealing import Key, Unsealable
from media import published
from media.consumption import Consumed
from media.effects import Publish, Record, Settle
from media.events import Event
from media.ports import Emitted
from media.published import Published
from server.calls.writing import Entry

log = structlog.get_logger(__name__)

_KINDS: dict[str, type[Published]] = {
    kind.type: kind
    for kind in vars(published).values()
    if isinstance(kind, type) and issubclass(kind, Published) and hasattr(kind, "type")
}


class _Changed(msgspec.Struct, frozen=True, omit_defaults=True, tag="changed"):
    record: Record


class _Settled(msgspec.Struct, frozen=True, tag="settled"):
    commit: bool
    use: str = ""


class _Told(msgspec.Struct, frozen=True, omit_defaults=True, tag="told"):
    name: str
    data: msgspec.Raw
    cause: str | None = None


_Kept: TypeAlias = _Changed | _Settled | _Told


class _Line(msgspec.Struct, frozen=True, array_like=True):
    call_id: uuid.UUID
    user_id: uuid.UUID
    lease_epoch: int
    seq: int
    at: float
    event: Event
    emitted: tuple[_Kept, ...]
    consumed: Consumed = msgspec.field(default_factory=dict)


_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(_Line)


def encode(entry: Entry) -> bytes:
    """The entry as a line; without what is ephemeral, which was told when it happened."""
    kept = tuple(_kept(one) for one in entry.emitted if getattr(one, "key", None) is None)
    line = _Line(
        entry.call_id, entry.user_id, entry.lease_epoch, entry.seq, entry.at, entry.event, kept,
        entry.consumed,
    )  # fmt: skip
    return _encoder.encode(line) + b"\n"


def decode(line: bytes) -> Entry:
    """The entry of a line. Raises msgspec.DecodeError, or KeyError for an event nobody knows."""
    found = _decoder.decode(line)
    emitted = tuple(_emitted(one) for one in found.emitted)
    return Entry(
        found.call_id, found.user_id, found.lease_epoch, found.seq, found.at, found.event, emitted,
        found.consumed,
    )  # fmt: skip


def _kept(emitted: Emitted) -> _Kept:
    match emitted:
        case Record():
            return _Changed(emitted)
        case Settle():
            return _Settled(emitted.commit, emitted.use)
        case Publish():
            data = msgspec.Raw(_encoder.encode(emitted.event))
            return _Told(emitted.event.type, data, emitted.cause)


def _emitted(kept: _Kept) -> Emitted:
    match kept:
        case _Changed():
            return kept.record
        case _Settled():
            return Settle(kept.commit, kept.use)
        case _Told():
            event = msgspec.json.decode(kept.data, type=_KINDS[kept.name])
            return Publish(event, cause=kept.cause)


class Spill:
    """First in, first out, however many. `active` from the first entry until `remove`."""

    def __init__(self, folder: Path, key: Key | None) -> None:
        """Lines are sealed by the key, which has to be there without a database; None: by none."""
        self._folder = folder
        self._key = key
        self._files: list[tuple[Path, BinaryIO]] = []  # to read; the last may be the one we write
        self._writing: int | None = None
        self._tail: list[Entry] = []  # what a full disk did not take
        self.unread = 0

    @property
    def active(self) -> bool:
        """Whether there is anything that was not removed."""
        return bool(self._files or self._tail)

    @property
    def kept(self) -> bool:
        """Whether all of it outlives this process."""
        return not self._tail

    def adopt(self) -> int:
        """Take what processes that are gone have left; how many entries."""
        for path in sorted(self._folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime):
            file = path.open("rb")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                continue
            if not path.exists():  # somebody else has just written it down
                file.close()
                continue
            self.unread += sum(line.endswith(b"\n") for line in file)
            file.seek(0)
            self._files.append((path, file))
        return self.unread

    def add(self, entries: Sequence[Entry]) -> None:
        """Put these behind all others."""
        self.unread += len(entries)
        if not self._tail:
            try:
                self._write(entries)
            except OSError as error:
                log.error("spill_failed", error=type(error).__name__)
            else:
                return
        self._tail += entries

    def _write(self, entries: Sequence[Entry]) -> None:
        """All of them or none. Raises OSError."""
        if self._writing is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self._folder / f"{uuid.uuid4().hex}.jsonl"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._writing = os.open(path, flags, 0o600)
            fcntl.flock(self._writing, fcntl.LOCK_EX)
            self._files.append((path, path.open("rb")))
        path, _ = self._files[-1]
        data = b"".join(self._sealed(encode(entry), path) for entry in entries)
        size = os.fstat(self._writing).st_size
        if os.write(self._writing, data) != len(data):
            os.ftruncate(self._writing, size)
            raise OSError("the disk is full")

    def _sealed(self, line: bytes, path: Path) -> bytes:
        if self._key is None:
            return line
        return sealing.seal(self._key, line, _place(path)).encode() + b"\n"

    def _opened(self, line: bytes, path: Path) -> bytes:
        """The line as it was; one from before is in clear. Raises Unsealable."""
        if not sealing.is_sealed(line):
            return line
        if self._key is None:
            raise Unsealable("a line is sealed, and there is no key")
        return sealing.unseal(self._key, line.decode().rstrip("\n"), _place(path))

    def take(self, most: int) -> list[Entry]:
        """The next ones; an unreadable one is told of and left out."""
        found = list(islice(((line, path) for path, file in self._files for line in file), most))
        lines = [line for line, _ in found]
        entries = []
        for line, path in found:
            try:
                entries.append(decode(self._opened(line, path)))
            except (msgspec.DecodeError, UnicodeDecodeError, KeyError, Unsealable) as error:
                log.error("entry_unreadable", error=type(error).__name__)
        rest = most - len(lines)
        entries += self._tail[:rest]
        count = sum(line.endswith(b"\n") for line in lines) + len(self._tail[:rest])
        self.unread = self.unread - count if count else 0  # 0 also if somebody cut the file
        del self._tail[:rest]
        return entries

    def remove(self) -> None:
        """Everything was written down: leave nothing behind."""
        for path, _ in self._files:
            path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Leave it to the next process."""
        for _, file in self._files:
            file.close()
        if self._writing is not None:
            os.close(self._writing)
        self._files, self._writing = [], None


def _place(path: Path) -> bytes:
    return sealing.place("spill", "line", path.stem)
