"""What a command raises when it cannot do what it was asked to; it is printed without a traceback.

Knows no command, so that an error can be caught without importing what raises it.
"""


class FailedError(Exception):
    """The text says why, and what to do about it."""
