"""A vendor's websocket in here: texts and bytes in and out, and the faults that are switched on.

Knows no vendor's messages.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from quart import websocket

from sandbox.core.faults import VendorFault
from sandbox.providers.faults import VendorFaults


class FaultyCloseError(Exception):
    """The connection breaks, because it was asked for."""


class Socket:
    """The connection of the request at hand; counts what it sends until its fault is due.

    A fault that is switched on later counts from then on; one that refuses ends the connection.
    """

    def __init__(self, faults: VendorFaults, fault: VendorFault | None) -> None:
        self._faults = faults
        self._fault = fault
        self._sent = 0

    async def messages(self) -> AsyncIterator[bytes | dict[str, Any] | str]:
        """What the client sends: bytes, JSON, or a text that is none."""
        while True:
            message = await websocket.receive()
            if isinstance(message, bytes):
                yield message
                continue
            try:
                yield json.loads(message)
            except ValueError:
                yield message

    async def send(self, message: bytes | dict[str, Any]) -> None:
        """Send it, unless the fault is due. Raises FaultyCloseError where that is to close."""
        if self._fault is None:
            self._fault, self._sent = self._faults.next(), 0
        fault = self._fault
        if fault is not None and fault.kind != "late" and self._sent >= fault.after_messages:
            match fault.kind:
                case "hang":
                    await asyncio.Event().wait()
                case "close":
                    await websocket.close(1011, "NET-0000")
                    raise FaultyCloseError
                case "refuse":
                    await websocket.close(1013, "try again later")
                    raise FaultyCloseError
                case "garbage":
                    await websocket.send("<html>not what was agreed</html>")
                    return
        self._sent += 1
        data = message if isinstance(message, bytes) else json.dumps(message)
        await websocket.send(data)
