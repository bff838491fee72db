"""Names whose lookup hangs keep nobody else from finding anybody, and lead nowhere of ours."""

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from server.core.settings.building import Webhooks
from server.webhooks.resolver import NotAllowedError, OwnThreads, PublicResolver
from server.webhooks.sender import WebhookSender
from tests.support.patience import patience

NAMES = 40  # more than a loop has threads for lookups of its own


async def test_slow_names_hold_up_no_lookup_of_anybody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, answered, look_up = threading.Semaphore(0), threading.Event(), socket.getaddrinfo

    def hanging(host: Any, *more: Any, **others: Any) -> Any:
        if not str(host).endswith(".example"):
            return look_up(host, *more, **others)
        asked.release()
        answered.wait()
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    loop, sender = asyncio.get_running_loop(), WebhookSender(Webhooks(at_once=NAMES))
    async with asyncio.TaskGroup() as group:
        attempts = [
            group.create_task(sender.post(f"https://slow{one}.example/", {}, b""))
            for one in range(NAMES)
        ]
        try:
            with ThreadPoolExecutor(1) as waiting:
                for _ in attempts:
                    assert await loop.run_in_executor(waiting, asked.acquire, True, 10)
            async with patience():
                await loop.getaddrinfo("127.0.0.1", 443)
        finally:
            answered.set()
    await sender.close()
    assert {attempt.result().error for attempt in attempts} == {"no_such_name"}


async def test_a_name_resolves_to_its_addresses_and_ours_are_none_of_them() -> None:
    plain = OwnThreads(1)
    [found] = await plain.resolve("127.0.0.1", 443, socket.AF_INET)
    assert (found["host"], found["port"], found["family"]) == ("127.0.0.1", 443, socket.AF_INET)
    with pytest.raises(NotAllowedError):
        await PublicResolver(plain).resolve("127.0.0.1", 443, socket.AF_INET)
    await plain.close()
