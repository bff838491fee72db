"""A share of a core for one process, by the kernel's scheduler (cgroup v1 or v2).

So it is measured by counting what a process carries when its share is full, on a machine whose
cores also have to carry those that load it. Needs the right to make a control group. Knows nothing
of what is measured.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_PERIOD_MICROSECONDS = 10_000  # shorter than a frame; a share is 1,000 at least


@contextmanager
def quota(pid: int, share: float) -> Iterator[None]:
    """The process may use `share` of a core (1.0: all of one) meanwhile. Raises OSError."""
    v1 = _ROOT / "cpu"
    parent = v1 if v1.is_dir() else _ROOT
    group = parent / f"bench-{os.getpid()}-{pid}"
    group.mkdir()
    try:
        most = round(share * _PERIOD_MICROSECONDS)
        if parent is v1:
            (group / "cpu.cfs_period_us").write_text(str(_PERIOD_MICROSECONDS))
            (group / "cpu.cfs_quota_us").write_text(str(most))
        else:
            (group / "cpu.max").write_text(f"{most} {_PERIOD_MICROSECONDS}")
        (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        for member in (group / "cgroup.procs").read_text().split():
            (parent / "cgroup.procs").write_text(member)
        group.rmdir()
