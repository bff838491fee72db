"""What may become of a request that must not be made twice, whoever it was made to."""


class RefusedError(Exception):
    """They understood and said no; nothing happened. `code` is their error number, `reason` their
    words, which may name people."""

    def __init__(self, code: int, status: int, reason: str = "") -> None:
        super().__init__(f"error {code}")
        self.code = code
        self.status = status
        self.reason = reason


class NotTakenError(Exception):
    """It surely did not reach them, or they were too busy: it may be made again."""


class UnknownOutcomeError(Exception):
    """No usable answer: it may have happened or not."""
