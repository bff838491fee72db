"""What a stand-in does wrong on request, at the border of its wire. Knows no wire."""

import asyncio
from collections import Counter
from collections.abc import Callable

from quart import Response, abort

from sandbox.core.faults import Faults, VendorFault


class VendorFaults:
    """Of one vendor: what is switched on just now, used up each time it is done."""

    def __init__(
        self, vendor: str, faults: Callable[[], Faults], struck: Counter[str] | None = None
    ) -> None:
        self._struck = Counter() if struck is None else struck
        self._vendor = vendor
        self._faults = faults
        self._done: tuple[VendorFault, int] | None = None

    def next(self) -> VendorFault | None:
        """The fault that this connection or request has, if any."""
        fault = self._faults().providers.get(self._vendor)
        if fault is None:
            return None
        done = self._done[1] if self._done is not None and self._done[0] is fault else 0
        if fault.times is not None and done >= fault.times:
            return None
        self._done = fault, done + 1
        self._struck[f"{self._vendor} {fault.kind}"] += 1
        return fault

    async def at_door(self) -> VendorFault | None:
        """Refuse, hang or be slow before anything is answered; else the fault, for later."""
        fault = self.next()
        if fault is None:
            return None
        if fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        if fault.kind == "refuse":
            abort(Response("not now", fault.status))
        if fault.kind == "hang" and not fault.after_messages:
            await asyncio.Event().wait()
        return fault
