"""A run of tests that is broken off leaves no process and no scratch folder behind."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import ROOT, start
from tests.support.watcher import process_table

# Has a database server, a child, and what that one left in a session of its own, and says so.
ENDLESS = """
import sys, time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from tests.support.node import Child

PARENT = '''
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],
                         start_new_session=True)
print(child.pid, flush=True)
''' + ("" if sys.platform == "linux" else "time.sleep(600)")

def test_it_takes_long(postgres, tmp_path):
    child = Child(["-c", PARENT], {}, tmp_path / "log")
    while not (grandchild := child.log.read_text().strip()):
        time.sleep(0.01)
    cluster = Path(parse_qs(urlsplit(postgres).query)["host"][0])
    server = (cluster / "postmaster.pid").read_text().split()[0]
    told = Path(__file__).with_name("told")
    told.with_suffix(".new").write_text(f"{child.pid} {grandchild} {server} {cluster.parent}")
    told.with_suffix(".new").rename(told)
    time.sleep(600)
"""


# What a shell starts in the background ignores Ctrl-C, and so does all that it starts in turn.
RUN = """
import signal, sys, pytest
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(pytest.main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("number", "options"),
    [
        (signal.SIGINT, []),
        (signal.SIGKILL, ["-n1"]),
        # The time is the test's alone: starting its database server may take long.
        (None, ["--timeout=6", "--timeout-method=thread", "-o", "timeout_func_only=true"]),
    ],
    ids=["ctrl-c", "killed-with-a-worker", "timed-out"],
)
def test_a_run_that_is_broken_off_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals | None, options: list[str]
) -> None:
    endless, told = tmp_path / "test_endless.py", tmp_path / "told"
    endless.write_text(ENDLESS)
    quiet = subprocess.DEVNULL
    run = start(
        ["-c", RUN, "-p", "tests.conftest", "-p", "no:cacheprovider", *options,
         f"--basetemp={tmp_path / 'base'}", str(endless)],
        {"PYTHONPATH": str(ROOT)},
        stdout=quiet, stderr=quiet,
    )  # fmt: skip
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not told.exists():
        assert run.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    *pids, folder = told.read_text().split()
    if number is not None:
        run.send_signal(number)
    run.wait(PATIENCE_SECONDS)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while Path(folder).exists() or {int(pid) for pid in pids} & set(process_table()):
        assert time.monotonic() < deadline, (pids, folder)
        time.sleep(0.01)
