"""The TypeScript client's tools and build, where node and npm are; elsewhere tests say so.

What `package-lock.json` names is installed once, into the client's own folder.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "clients" / "typescript"
NODE, NPM = shutil.which("node"), shutil.which("npm")
_INSTALL_SECONDS = 90
_TOOLS = FOLDER / "node_modules"


def build() -> None:
    """The client and its tests, type-checked, in `dist`. Skips the test without the tools."""
    if NODE is None or NPM is None:
        pytest.skip("node and npm are not installed")
    _install(NPM)
    run(_TOOLS / ".bin" / "tsc", "--build", "tests")


def _install(npm: str) -> None:
    done = _TOOLS / ".package-lock.json"
    wanted = FOLDER / "package-lock.json"
    if done.exists() and done.stat().st_mtime >= wanted.stat().st_mtime:
        return
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline",
               "--fetch-retries=0"]  # fmt: skip
    try:
        subprocess.run(
            command, cwd=FOLDER, capture_output=True, text=True, check=True,
            timeout=_INSTALL_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm ci took more than {_INSTALL_SECONDS} s")
    except subprocess.CalledProcessError as fault:
        pytest.skip(f"npm ci failed: {fault.stderr[-500:]}")


def node_command() -> list[str]:
    """Node with a WebSocket, which before version 22 is to be asked for."""
    version = subprocess.run([NODE or "", "--version"], capture_output=True, text=True, check=True)
    is_old = int(version.stdout.removeprefix("v").split(".")[0]) < 22
    return [NODE or "", *(["--experimental-websocket", "--no-warnings"] if is_old else [])]


def run(*command: object, **env: str) -> str:
    """What a command of the client's folder wrote; it must go well."""
    ran = subprocess.run(
        [str(part) for part in command], cwd=FOLDER, env={**os.environ, **env},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-4000:]
    return ran.stdout
