"""An embedded database's folder as another PostgreSQL, or another encoding, left it."""

import os
from pathlib import Path

from db.core import embedded

DEBIANS = Path("/usr/lib/postgresql/15/bin")  # a major before ours, where it is installed


def left_by(programs: Path, data: Path, encoding: str) -> None:
    """Make an empty cluster in the data folder, as `db.core.embedded` would have, with these."""
    cluster = data / "cluster"
    cluster.mkdir(parents=True, mode=0o700)
    account = embedded._account()
    if account.uid is not None and account.gid is not None:
        os.chown(cluster, account.uid, account.gid)
    options = ["-U", "postgres", "-A", "trust", "-E", encoding, "--locale=C", "--no-sync"]
    embedded._run([programs / "initdb", "-D", embedded._HERE, *options], cluster, account)
