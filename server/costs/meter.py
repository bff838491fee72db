"""What one call consumes while it runs on this node: what is not written yet, and its budget.

It is looked at with the call's events, no more than once in some seconds: no task, no timer. Knows
prices by the configuration, and neither rows nor the call's decisions.
"""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from media.consumption import Consumed
from server.core.settings.costs import Costs

LOOK_SECONDS = 5.0  # what a node consumed in them is unknown once it dies


class CallMeter:
    """`counter` is counted into by the work; `spent` is what was written of the call before."""

    def __init__(
        self, costs: Costs, carrier: str, answered_at: float | None, spent: Decimal = Decimal()
    ) -> None:
        """`carrier` is the name of the call's seconds, which run from `answered_at` (epoch)."""
        self.counter: Counter[str] = Counter()
        self.answered_at = answered_at
        self.on_spent: Callable[[], None] = lambda: None
        self._costs, self._carrier, self._spent = costs, carrier, spent
        self._total: Counter[str] = Counter()
        self._looked_at = 0.0
        self._is_over = False

    def look(self, at: float, *, is_over: bool = False, at_once: bool = False) -> Consumed:
        """What is to be written down with the call's event of `at`: all of it `at_once`, as another
        node may go on with the call, and with each event from its end on."""
        self._is_over = self._is_over or is_over
        if not (self._is_over or at_once) and at < self._looked_at + LOOK_SECONDS:
            return {}
        self._looked_at = at
        taken = dict(self.counter)
        self.counter.clear()
        self._total.update(taken)
        budget = self._costs.budget
        if budget is not None and not self._is_over and self.running_cost(at) >= budget:
            self.on_spent()
        return taken

    def running_cost(self, now: float) -> Decimal:
        """What the call has cost by now, the telephone included."""
        cost = self._spent + self._costs.total(self._total)
        if self.answered_at is not None and now > self.answered_at:
            ms = int((now - self.answered_at) * 1000)
            cost += self._costs.total({self._carrier: ms})
        return cost
