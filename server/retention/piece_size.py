"""How many rows the next piece may have, from how long the last one took. Pure.

A piece is one transaction, which holds locks as long as it takes.
"""

FIRST = 100
LEAST = 10
MOST = 10_000
GOAL_SECONDS = 0.01  # well below the tenth of a second that nobody should wait


def next_size(size: int, took_seconds: float) -> int:
    """Nearer to what takes the goal: at most twice as many, and as few as need be."""
    wanted = size * GOAL_SECONDS / max(took_seconds, GOAL_SECONDS / 2)
    return max(LEAST, min(MOST, round(wanted)))


def smaller(size: int) -> int | None:
    """After a piece that was broken off; None when no smaller one is worth a try."""
    return None if size <= LEAST else max(LEAST, size // 4)
