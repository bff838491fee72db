"""How long to wait before a process that died is started again. Pure."""

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
HEALTHY_SECONDS = 60.0


def failures_after(before: int, lived_seconds: float) -> int:
    """Short lives in a row after one more that lasted so long; a long one makes up for others."""
    return 1 if lived_seconds >= HEALTHY_SECONDS else before + 1


def pause_seconds(failures: int) -> float:
    """How long to wait after so many short lives in a row."""
    doubled: float = FIRST_PAUSE_SECONDS * 2 ** min(failures - 1, 10)
    return min(doubled, LONGEST_PAUSE_SECONDS)
