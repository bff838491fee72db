"""The database and the keys to it, by transactions that PostgreSQL keeps from writing.

Nothing is migrated, no key is made, no password set. Knows no rows.
"""

import datetime as dt

from db import audit
from db.core import logins, migrate
from db.core.keyring import WrongMasterKeyError
from server.audit import keeping
from server.audit.keys import audit_keys
from server.cli.doctor.findings import Finding, failed, ok, warning
from server.cli.doctor.looked import Looked
from server.core.settings.loading import ConfigError
from server.core.times import utc
from server.database import read_only_pools, standing_database

_MAJOR = 15
_LOOKED_BACK = dt.timedelta(days=2)  # `talking audit verify` looks at it all


async def schema(looked: Looked) -> list[Finding]:
    """How far the database is."""
    config = looked.config.database
    address = await looked.stack.enter_async_context(standing_database(config))
    standing = await migrate.look(config.logins(address)[1], config.role_prefix)
    looked.address = address
    looked.told_time("the database", standing.clock)
    server = f"PostgreSQL {standing.server_version}"
    if int(standing.server_version.partition(".")[0]) < _MAJOR:
        return [failed("database", f"{server} is too old", f"use PostgreSQL {_MAJOR} or newer")]
    if standing.edited:
        what = f"migrations edited since they were applied: {', '.join(sorted(standing.edited))}"
        return [failed("database", f"{server}, {what}", "put those files back as they were")]
    if standing.pending:
        what = f"{len(standing.pending)} migrations pending"
        return [failed("database", f"{server}, {what}", "run `talking migrate`")]
    return [ok("database", f"{server}, no migrations pending")]


async def logins_and_keys(looked: Looked) -> list[Finding]:
    """Whether nodes can log in with no more rights than they need, and have the master key."""
    config = looked.config
    if looked.address is None:
        return [unknown(name) for name in ("logins", "sealing")]
    names = [config.database.role(one) for one in (logins.REQUEST, logins.WORKER)]
    try:
        for dsn, name in zip(config.database.logins(looked.address), names, strict=True):
            await logins.check(dsn, name)
    except logins.LoginError as error:
        do = "run `talking migrate`, which makes both logins and sets their passwords"
        return [failed("logins", str(error), do), unknown("sealing")]
    found = ok("logins", f"{' and '.join(names)}, with no more rights than they need")
    if config.database.knows_owner:
        do = "give the owner's address to `talking migrate` alone"
        found = warning("logins", "this machine knows the database's owner, too", do)
    try:
        looked.pools = await looked.stack.enter_async_context(
            read_only_pools(config.database, config.privacy, looked.address)
        )
    except (ConfigError, WrongMasterKeyError) as error:
        do = "set TALKING_PRIVACY__MASTER_KEY to the key that this database was begun with"
        return [found, failed("sealing", str(error), do)]
    await looked.pools.check()
    return [found, await _sealing(looked)]


async def _sealing(looked: Looked) -> Finding:
    assert looked.pools is not None  # noqa: S101 - opened just above
    keyring = looked.pools.keyring
    masters = {one.master_key_id for one in await keyring.count() if one.wrapped}
    what = {
        "all": "the data map's tables and schema app are sealed",
        "app": "schema app is sealed; the data map's tables are readable in SQL",
        "none": "nothing is sealed when it is written",
    }[keyring.mode]
    found = f"{what}; master key {keyring.current_master}"
    old = masters - {keyring.current_master}
    if old:
        names = ", ".join(sorted(old))
        return warning("sealing", f"{found}; {names} is still needed", "run `talking keys rotate`")
    return ok("sealing", found)


async def audit_log(looked: Looked) -> list[Finding]:
    """Whether somebody changed the audit log's last days."""
    if looked.pools is None:
        return [unknown("audit log")]
    keys = audit_keys(looked.config, looked.pools.keyring)
    async with looked.pools.as_service(one_snapshot=True) as connection:
        seen = await keeping.verify(connection, keys, utc(looked.now()) - _LOOKED_BACK)
        anchors = await audit.anchors(connection)
    if seen.findings:
        what = f"changed in {len(seen.findings)} places"
        return [failed("audit log", what, "run `talking audit verify`, which says where")]
    last = f"the last anchor is of {anchors[-1].day}" if anchors else "no anchor yet"
    waits = f"{seen.waiting} wait for a place"
    return [ok("audit log", f"unchanged in {seen.rows} rows of late, {waits}; {last}")]


def unknown(check: str) -> Finding:
    """What there is no way to, as the database is not to be had."""
    return Finding(check, "unknown", "not looked at", "mend the database, then ask again")
