"""Installs pinned requirements into a virtual environment and shows how far it is.

Run by the environment's own Python, before anything else is there: `install.py FILE [--editable]`.
"""

import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PIP = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar=off"]
EVERY_SECONDS = 2.0


def main(name: str, *, editable: bool) -> int:
    wanted = sum("==" in line for line in (ROOT / name).read_text().splitlines())
    begun = told = time.monotonic()
    print(f"installing {wanted} packages (this once) ...", flush=True)
    command = [*PIP, "--require-hashes", "-r", name]
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=complaints, text=True
        ) as process,
    ):
        assert process.stdout is not None
        seen = 0
        for line in process.stdout:
            is_found = line.startswith(("Collecting ", "Requirement already satisfied"))
            seen += is_found
            if line.startswith("Installing "):
                print("  unpacking ...", flush=True)
                unpacked(process, line.count(",") + 1)
            elif is_found and time.monotonic() - told > EVERY_SECONDS:
                told = time.monotonic()
                print(f"  {seen} of {wanted} found", flush=True)
        if process.wait():
            complaints.seek(0)
            print(complaints.read(), "pip could not install them", file=sys.stderr)
            return process.returncode
    if editable:
        more = [*PIP, "--quiet", "--no-deps", "--no-build-isolation", "-e", "."]
        if code := subprocess.run(more, cwd=ROOT, check=False).returncode:
            return code
    else:
        link()
    print(f"installed after {time.monotonic() - begun:.0f} s", flush=True)
    return 0


def unpacked(process: subprocess.Popen[str], count: int) -> None:
    """Show how far pip is, which says nothing until it is done, by the packages that are there."""
    packages = Path(sysconfig.get_path("purelib"))
    before = told = len(list(packages.glob("*.dist-info")))
    while True:
        try:
            process.wait(EVERY_SECONDS)  # the little that pip still says fits into its pipe
            return
        except subprocess.TimeoutExpired:
            there = len(list(packages.glob("*.dist-info")))
            if there != told:
                told = there
                print(f"  {there - before} of {count} unpacked", flush=True)


def link() -> None:
    """The `talking` command without a build: the environment finds this folder by its path."""
    Path(sysconfig.get_path("purelib"), "talking-app.pth").write_text(f"{ROOT}\n")
    program = Path(sys.executable).with_name("talking")
    program.write_text(
        f"#!{sys.executable}\nimport sys\n\nfrom server.cli.main import main\n\nsys.exit(main())\n"
    )
    program.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], editable="--editable" in sys.argv))
