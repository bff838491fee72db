"""A process that was asked to end is gone, whatever of it hangs."""

import signal
import subprocess

import pytest

from tests.support.processes import start

_MAIN = """
import asyncio, threading
from server.cli.ending import asked_by_signal
from server.cli.running import run

async def deaf():
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass

async def main():
    asked = asked_by_signal({seconds})
    print("ready", flush=True)
    {meanwhile}
    await asked.wait()
    {then}
    print("over", flush=True)
    return 0

raise SystemExit(run(main()))
"""

HANGING = {
    "a task that will not be cancelled": ("", "task = asyncio.ensure_future(deaf()); await task"),
    "a loop that is stuck": ("while True: pass", ""),
    "a thread that is not done": ("threading.Thread(target=threading.Event().wait).start()", ""),
    "work in a thread": ("", "await asyncio.to_thread(threading.Event().wait)"),
}


def child(seconds: float, meanwhile: str = "", then: str = "") -> "subprocess.Popen[str]":
    """A process that is ready to be asked."""
    text = _MAIN.format(seconds=seconds, meanwhile=meanwhile or "pass", then=then or "pass")
    process = start(["-c", text], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("what", HANGING)
def test_whatever_hangs_the_process_ends_by_force(what: str) -> None:
    process = child(0.3, *HANGING[what])
    process.terminate()
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "ended_by_force" in out
    assert "too_slow" in out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(number: signal.Signals) -> None:
    process = child(3600, then="print('draining', flush=True); await deaf()")
    assert process.stdout is not None
    process.terminate()
    assert process.stdout.readline() == "draining\n"
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "signalled_again" in out


def test_a_process_that_comes_to_its_end_does_so_by_itself() -> None:
    process = child(3600)
    process.terminate()
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "over\n")


def test_a_log_that_nobody_reads_does_not_hold_it_up() -> None:
    full = "import os; os.set_blocking(1, False)\n    "
    full += "try:\n        while True: os.write(1, b'x' * 4096)\n    except BlockingIOError: "
    full += "os.set_blocking(1, True)"
    process = child(0.3, full, "await deaf()")
    process.terminate()
    assert process.wait(timeout=60) == 1
    process.communicate()
