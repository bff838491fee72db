"""A copy of everything that is somebody's: asked for, prepared as a job, given through a link.

What is prepared is the right to it, and its counts; the ZIP itself is made while it is downloaded,
page by page, so any node can give it, nothing of it lies anywhere, and what it holds is as of then
(docs/decisions/0024). A download that breaks off has no table of contents, and is begun again.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator

import msgspec
import structlog
from quart import Blueprint, Response

from db import recordings
from db.privacy import erasures, exports
from db.privacy.exports import ExportRow
from server.audit.acts import bearer, by
from server.audit.notes import note
from server.core.errors import AppError
from server.core.events import Subject
from server.core.identity.auth import Identity
from server.core.times import rfc3339, utc
from server.http.routing import file_type
from server.privacy import export_links
from server.privacy.deps import PrivacyDeps
from server.privacy.export_archive import Archive, Sheet
from server.privacy.export_rows import KINDS, README, everything
from server.privacy.wire import ExportOut, ExportReady
from server.recordings import sound
from server.vendors import signatures

log = structlog.get_logger(__name__)

JOB = "export"  # its subject is the export's id
PATH = "/v1/exports"


async def ask(deps: PrivacyDeps, who: Identity) -> ExportOut:
    """The copy whose link is good or that is being prepared; else one is asked for now."""
    async with deps.transaction() as tx:
        row = await exports.newest(tx.connection, who.user_id)
        if row is None:
            row = await exports.ask(tx.connection, who.user_id)
            if row is None:  # somebody was quicker just now
                raise AppError("unavailable")
            tx.enqueue(JOB, str(row.id))
            note(tx, "data.exported", by=by(who), user_id=who.user_id, subject=f"export:{row.id}")
    return _out(deps, row)


async def prepare(deps: PrivacyDeps, subject: str) -> None:
    """The job of the export with this id."""
    seconds = deps.config.privacy.export_link_hours * 3600
    async with deps.transaction() as tx:
        row = await exports.get(tx.connection, uuid.UUID(subject))
        if row is None or row.ready_at is not None:
            return
        counts = await exports.counts(tx.connection, row.user_id)
        ready = await exports.make_ready(tx.connection, row.id, counts, seconds)
        if ready is not None:
            event = ExportReady(ready.id, rfc3339(ready.expires_at))
            tx.emit(event, Subject(row.user_id, f"export:{ready.id}"))


def _out(deps: PrivacyDeps, row: ExportRow) -> ExportOut:
    url = None
    if row.ready_at is not None and row.expires_at is not None:
        secret = deps.config.twilio.auth_token
        token = export_links.mint(secret, row.id, row.expires_at.timestamp())
        url = f"{deps.config.server.public_url.rstrip('/')}{PATH}/{token}"
    return ExportOut(
        id=row.id,
        state="preparing" if url is None else "ready",
        asked_at=rfc3339(row.asked_at),
        ready_at=rfc3339(row.ready_at),
        expires_at=rfc3339(row.expires_at),
        url=url,
        counts=row.counts,
    )


def routes(deps: PrivacyDeps) -> Blueprint:
    """`/v1/exports/<token>`: the copy, for whoever has the link."""
    blueprint = Blueprint("exports", __name__)

    @blueprint.get(f"{PATH}/<token>")
    async def download(token: str) -> Response:
        row = await _granted(deps, token)
        async with deps.transaction() as tx:
            who, what = bearer("link to a copy"), f"export:{row.id}"
            note(tx, "data.downloaded", by=who, user_id=row.user_id, subject=what)
        reply = Response(archive(deps, row), content_type=file_type("application/zip"))
        reply.timeout = None
        name = f"talking-app-{utc(deps.clock()):%Y-%m-%d}.zip"
        reply.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        reply.headers["X-Robots-Tag"] = "noindex"
        return reply

    return blueprint


async def _granted(deps: PrivacyDeps, token: str) -> ExportRow:
    """The export of a link. Raises AppError("not_found") for any other, and one that is too old."""
    valid = signatures.tokens(deps.config.twilio)
    export_id = export_links.read(valid, token, deps.clock())
    row = None
    if export_id is not None:
        async with deps.pools.as_service() as connection:
            row = await exports.get(connection, export_id)
            if row is not None and await erasures.is_begun(connection, row.user_id):
                row = None
    if row is None:
        raise AppError("not_found", "This link is not good any more; ask for a new one.")
    return row


async def archive(deps: PrivacyDeps, row: ExportRow) -> AsyncIterator[bytes]:
    """The ZIP, as it is made. Of one person one at a time on a node; what takes long is done in
    threads, as calls run here, too."""
    async with deps.locks.of(f"export:{row.user_id}"):
        now = utc(deps.clock())
        made = Archive(now)
        made.add("README.txt", README.encode())
        sheets = {name: Sheet(made, name) for name in KINDS}
        async for found, is_last in everything(deps, row.user_id):
            for name, rows in found.items():
                await asyncio.to_thread(sheets[name].add, rows)
                if is_last:
                    await asyncio.to_thread(sheets[name].end)
            if piece := made.taken():
                yield piece
        async for piece in _recordings(deps, made, row.user_id):
            yield piece
        counts = {name: sheet.rows for name, sheet in sheets.items()}
        contents = {"made_at": rfc3339(now), "user_id": row.user_id, "rows": counts}
        made.add("contents.json", msgspec.json.format(msgspec.json.encode(contents)))
        made.close()
        yield made.taken()
    log.info("export_given", export_id=str(row.id))


async def _recordings(deps: PrivacyDeps, made: Archive, user_id: uuid.UUID) -> AsyncIterator[bytes]:
    """The sound of calls, a file each."""
    async with deps.pools.as_service() as connection:
        agreed = await recordings.of_user(connection, user_id)
    for one in agreed:
        async with deps.pools.as_service() as connection:
            found = await sound.find(connection, one.call_id)
        if found is not None:
            with made.open(f"recordings/{one.call_id}.wav") as file:
                async for part in sound.part(deps, found, 0, found.size):
                    file.write(part)
                    yield made.taken()
