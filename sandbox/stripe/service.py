"""The payment service as one running thing: an account, its clock and its deliveries.

Joins due work with what requests change; knows no routes.
"""

import asyncio
import time
from collections import deque
from datetime import UTC, datetime, timedelta

import structlog

from sandbox.core.clock import Clock
from sandbox.core.faults import Faults
from sandbox.core.settings import Settings
from sandbox.stripe.core.account import API_VERSION, Account, Object, Rules
from sandbox.stripe.due_work import Due, next_due, run_until
from sandbox.stripe.events.delivery import Delivery
from sandbox.stripe.events.endpoints import CLOCK, clock_target, drop_endpoint
from sandbox.stripe.shapes.catalog import webhook_endpoint

log = structlog.get_logger(__name__)

OWN_ENDPOINT = "we_sandbox"
SAVE_SECONDS = 1.0  # the file is written at most this often, and at the end


class StripeService:
    """Build it inside a running loop; `run` until cancelled, `close` then."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        rules = Rules(
            base_url=settings.base_url,
            retry_days=settings.stripe_retry_days,
            after_retries=settings.stripe_after_retries,
        )
        self.clock = clock
        self.account = Account(clock, rules, settings.data / "stripe.json")
        self._restore_clock()
        self._delivery = Delivery(self.account, settings.stripe_webhook_retry_seconds)
        self.account.committed = self._delivery.enqueue
        self._changed = asyncio.Event()
        self.requests: deque[Object] = deque(maxlen=200)
        self._request_faults_left = 0
        self._set_own_endpoint(settings.stripe_webhook_url, settings.stripe_webhook_secret)

    def set_faults(self, faults: Faults) -> None:
        """Switch faults on or off; their random numbers start afresh."""
        self.account.faults = faults
        self._request_faults_left = faults.stripe_request_times if faults.stripe_request else 0
        self._delivery.reset_rng()

    def take_request_fault(self, method: str, path: str) -> str:
        """The fault of the next request; "" is none."""
        faults = self.account.faults
        named = faults.stripe_request_path
        applies = path.startswith(named) if named else method != "GET"
        if self._request_faults_left == 0 or not applies:
            return ""
        self._request_faults_left -= 1
        return faults.stripe_request

    def move_clock(self, moment: datetime, *, stop: bool) -> list[Due]:
        """Move the clock ahead and do all that becomes due on the way, in order. Raises
        ValueError for a time that has been."""
        if int(moment.timestamp()) < int(self.clock.now().timestamp()):
            raise ValueError("time does not go back")
        done = run_until(self.account, int(moment.timestamp()))
        self.clock.move(moment, stop=stop)
        with self.account.transaction():
            self._note_clock()
        self.changed()
        return done

    def move_test_clock(self, clock_id: str) -> None:
        """Move to where a test clock was advanced to, and emit that it is ready."""
        self.move_clock(clock_target(self.account, clock_id), stop=True)
        with self.account.transaction():
            self.account.emit(f"{CLOCK}.ready", self.account.get(CLOCK, clock_id))

    def changed(self) -> None:
        """Something may have become due, or must be saved."""
        self._changed.set()

    async def run(self) -> None:
        """Send events, and do things when they are due by the clock."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._delivery.run())
            group.create_task(self._run_due_work())

    async def close(self) -> None:
        """Save everything and close the connections."""
        self.account.save()
        await self._delivery.close()

    async def _run_due_work(self) -> None:
        saved_at = time.monotonic()
        while True:
            self._changed.clear()
            run_until(self.account, self.account.now())
            if (rest := saved_at + SAVE_SECONDS - time.monotonic()) <= 0:
                self.account.save()
                saved_at = time.monotonic()
            waits = [] if self.account.saved else [max(rest, 0.0)]
            due = next_due(self.account)
            if due is not None and not self.clock.stopped:
                waits.append(max(0.0, due.at - self.clock.now().timestamp()))
            try:
                async with asyncio.timeout(min(waits, default=None)):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _note_clock(self) -> None:
        stopped = self.clock.now().timestamp() if self.clock.stopped else None
        self.account.set_facts("clock", ahead=self.clock.ahead.total_seconds(), stopped_at=stopped)

    def _restore_clock(self) -> None:
        kept = self.account.facts("clock")
        if kept.get("stopped_at"):
            self.clock.move(datetime.fromtimestamp(kept["stopped_at"], tz=UTC), stop=True)
        elif kept.get("ahead"):
            self.clock.move(self.clock.now() + timedelta(seconds=kept["ahead"]), stop=False)

    def _set_own_endpoint(self, url: str, secret: str) -> None:
        with self.account.transaction():
            if url:
                now = self.account.now()
                self.account.put(
                    webhook_endpoint(OWN_ENDPOINT, now, url=url, api_version=API_VERSION)
                )
                self.account.set_facts(OWN_ENDPOINT, secret=secret)
            elif self.account.find("webhook_endpoint", OWN_ENDPOINT) is not None:
                drop_endpoint(self.account, OWN_ENDPOINT)
