"""An answer over HTTP in pieces, with the fault that is switched on. Knows no vendor."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from sandbox.core.faults import VendorFault


class BrokenOffError(ConnectionError):
    """The answer ends before its end, because it was asked for."""


async def answered(parts: Sequence[bytes], fault: VendorFault | None) -> AsyncIterator[bytes]:
    """The pieces in order, until the fault is due. Raises BrokenOffError where that is to close."""
    for at, part in enumerate(parts):
        if fault is not None and fault.kind != "late" and at >= fault.after_messages:
            match fault.kind:
                case "hang":
                    await asyncio.Event().wait()
                case "close":
                    raise BrokenOffError
                case "garbage":
                    yield b"<html>not what was agreed</html>"
                    return
                case _:
                    pass
        yield part
