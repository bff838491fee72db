"""One transaction of the service, and what must follow it: events to publish, jobs to do.

What is emitted is numbered and written just before the commit, in one statement, so that a user's
stream is locked last and shortly whoever writes; it is published once, after the commit. What is
noted for the audit log is written there, too. An exception leaves nothing behind: no row, no event,
no job. Knows no event, job or act by name.
"""

import datetime as dt

from db import audit
from db.audit import NewAct
from db.cluster import event_streams, jobs
from db.cluster.event_streams import EventRow, NewEvent
from db.cluster.jobs import NewJob
from db.core.rows import Connection
from media.published import Published
from server.core.events import Subject


class Transaction:
    """An open transaction: its `connection`, and `now`, the time of all that it makes true.
    Addresses that it notes are hashed with `audit_key`."""

    def __init__(self, connection: Connection, now: dt.datetime, audit_key: bytes = b"") -> None:
        self.connection = connection
        self.now = now
        self.audit_key = audit_key
        self._acts: list[NewAct] = []
        self._events: list[NewEvent] = []
        self._jobs: list[NewJob] = []

    def emit(self, event: Published, subject: Subject, at: dt.datetime | None = None) -> None:
        """Tell the user's dashboards once this is committed, in the order of these calls; it
        happened `at`, or now."""
        self._events.append(
            NewEvent(
                user_id=subject.user_id,
                type=event.type,
                ts=at or self.now,
                subject=subject.name,
                rev=subject.rev,
                data=event.data(),
                cause=subject.cause,
                kept=event.kept(),
            )
        )

    def enqueue(self, job: str, subject: str, *, after_seconds: float = 0.0) -> None:
        """Have a node do this job once this is committed and so many seconds later."""
        self._jobs.append(NewJob(job, subject, after_seconds))

    def note(self, act: NewAct) -> None:
        """Have this act in the audit log if it is committed (`server/audit/notes.py`)."""
        self._acts.append(act)

    async def flush(self) -> list[EventRow]:
        """Write what was collected; the last thing before the commit. Returns what to publish."""
        if self._acts:
            await audit.append(self.connection, self._acts)
        if self._jobs:
            await jobs.enqueue(self.connection, self._jobs)
        return await event_streams.append(self.connection, self._events) if self._events else []
