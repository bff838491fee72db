"""How long a test waits for what must come, before it says what did not.

It only guards against waiting for ever: longer than a machine takes that is busy with others, and
shorter than what pytest gives a whole test. A time that is itself the subject stands in its test.
"""

import asyncio

PATIENCE_SECONDS = 90.0


def patience() -> asyncio.Timeout:
    """`async with patience():` raises TimeoutError once that long has passed."""
    return asyncio.timeout(PATIENCE_SECONDS)
