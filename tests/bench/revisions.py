"""Another revision of the product in a folder of its own, for a benchmark to run beside this one.

It runs in our virtual environment, so only revisions with the same dependencies will do.
"""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.bench.node import ROOT, environment

_WHERE = "import db, media, server; print(db.__file__, media.__file__, server.__file__, sep='\\n')"


def check_out(revision: str, folder: Path) -> str:
    """Put the files of `revision` into the new `folder`; returns its short name.

    Raises subprocess.CalledProcessError for a revision that git does not know.
    """
    name = _output(["git", "rev-parse", "--short", f"{revision}^{{commit}}"], ROOT).decode().strip()
    files = _output(["git", "archive", name], ROOT)
    with tarfile.open(fileobj=io.BytesIO(files)) as archive:
        archive.extractall(folder, filter="data")
    found = _output([sys.executable, "-c", _WHERE], folder, environment(folder)).decode()
    strangers = [path for path in found.split() if not Path(path).is_relative_to(folder)]
    if strangers:  # our own package is installed, too, and must not be what is measured
        raise RuntimeError(f"{name} would run with {strangers}")
    return name


def _output(command: list[str], folder: Path, env: dict[str, str] | None = None) -> bytes:
    return subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.PIPE).stdout
