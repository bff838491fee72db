"""Names of receivers as they resolve: in threads of their own, and to the public internet alone.

Whose name it is also has a say in how long it takes to look up, and no timeout ends a thread: in
the threads of all others a few slow names would keep everybody from finding anybody. Knows no
webhooks.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from server.webhooks.addresses import is_public

_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class NotAllowedError(OSError):
    """The name leads to an address that nothing may be sent to."""


class OwnThreads(AbstractResolver):
    """The machine's resolver, so many names at once."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, "webhook-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises socket.gaierror."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, 0,
            socket.AI_ADDRCONFIG,
        )  # fmt: skip
        return [
            ResolveResult(
                hostname=host, host=str(address[0]), port=port, family=of, proto=proto,
                flags=_NUMERIC,
            )
            for of, _, proto, _, address in found
        ]  # fmt: skip

    async def close(self) -> None:
        """Wait for none of them."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class PublicResolver(AbstractResolver):
    """Names as they resolve, without the addresses of our own network."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises NotAllowedError when nothing is left."""
        found = [
            one for one in await self._inner.resolve(host, port, family) if is_public(one["host"])
        ]
        if not found:
            raise NotAllowedError("not in the public internet")
        return found

    async def close(self) -> None:
        await self._inner.close()
