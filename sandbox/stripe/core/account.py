"""Everything one account at the payment service holds, changed in transactions.

Objects are plain JSON documents that are replaced, never edited: an event may keep the very
document it is about, and a failed request puts the old ones back. Knows no endpoints and no rules
of billing.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from sandbox.core.clock import Clock
from sandbox.core.faults import Faults
from sandbox.stripe.core.errors import StripeError, missing

API_VERSION = "2026-10-28.endive"

Object = dict[str, Any]


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of an account may set in the dashboard.

    `retry_days` are the days between one attempt to collect a renewal and the next (Stripe's Smart
    Retries choose their own); `after_retries` is what becomes of the subscription in the end.
    """

    base_url: str
    retry_days: tuple[int, ...] = (3, 5, 7)
    after_retries: str = "cancel"
    upcoming_days: int = 7


class Account:
    """The account. `committed` is called with the new events of every transaction."""

    def __init__(self, clock: Clock, rules: Rules, path: Path | None = None) -> None:
        self.clock = clock
        self.rules = rules
        self.faults = Faults()
        self.request: Object | None = None
        self.committed: Callable[[list[Object]], None] = lambda _: None
        self.new_events: list[Object] = []
        self.moment: int | None = None
        self._path = path
        self.saved = True
        self._old: list[tuple[str, str, Object | None]] = []
        self._kinds: dict[str, dict[str, Object]] = {}
        if path is not None and path.exists():
            self._kinds = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Object]])

    def now(self) -> int:
        """Unix seconds: the moment work is done for, or the clock's."""
        return int(self.clock.now().timestamp()) if self.moment is None else self.moment

    def new_id(self, prefix: str) -> str:
        """A fresh id such as `cus_5f0c...`."""
        return f"{prefix}_{secrets.token_hex(12)}"

    def all(self, kind: str) -> list[Object]:
        """Every object of a kind, oldest first."""
        return list(self._kinds.get(kind, {}).values())

    def find(self, kind: str, object_id: str | None) -> Object | None:
        """An object by id."""
        return self._kinds.get(kind, {}).get(object_id or "")

    def get(self, kind: str, object_id: str | None, param: str = "id") -> Object:
        """An object by id. Raises StripeError resource_missing naming the parameter."""
        found = self.find(kind, object_id)
        if found is None:
            raise missing(kind, object_id or "", param)
        return found

    def put(self, value: Object) -> Object:
        """Keep a new or changed document under its `object` and `id`."""
        kind, key = value["object"], value["id"]
        self._old.append((kind, key, self.find(kind, key)))
        self._kinds.setdefault(kind, {})[key] = value
        self.saved = False
        return value

    def change(self, value: Object, **fields: Any) -> Object:
        """Replace some fields of what is kept of an object."""
        return self.put({**self.get(value["object"], value["id"]), **fields})

    def drop(self, value: Object) -> None:
        """Forget an object."""
        kind, key = value["object"], value["id"]
        self._old.append((kind, key, self._kinds[kind].pop(key)))
        self.saved = False

    def facts(self, object_id: str) -> Object:
        """What the service knows of an object and shows nobody."""
        return self.find("facts", object_id) or {"id": object_id, "object": "facts"}

    def set_facts(self, object_id: str, **fields: Any) -> None:
        """Remember such facts."""
        self.put({**self.facts(object_id), **fields})

    def emit(
        self, kind: str, value: Object, before: Object | None = None, at: int | None = None
    ) -> None:
        """Emit an event, with what `before` had where it differs; `at` is its place among the new
        events, last unless given."""
        data: Object = {"object": value}
        if before is not None:
            data["previous_attributes"] = difference(before, value)
        event = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": self.request or {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.new_events.insert(len(self.new_events) if at is None else at, event)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing, save what a StripeError says it keeps."""
        self._old, self.new_events = [], []
        try:
            yield
        except BaseException as error:
            if isinstance(error, StripeError) and error.keeps:
                self._commit()
            else:
                self._roll_back()
            raise
        self._commit()

    def save(self) -> None:
        """Write everything to the file, if anything changed; it is never seen half written."""
        if self._path is None or self.saved:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(self._kinds))
        draft.replace(self._path)
        self.saved = True

    def _commit(self) -> None:
        for event in self.new_events:
            self.put(event)
        events, self.new_events = self.new_events, []
        self._old = []
        if events:
            self.committed(events)

    def _roll_back(self) -> None:
        for kind, key, old in reversed(self._old):
            if old is None:
                self._kinds[kind].pop(key, None)
            else:
                self._kinds[kind][key] = old
        self._old, self.new_events = [], []


def difference(before: Object, after: Object) -> Object:
    """What `before` had where `after` differs; documents within are compared likewise."""
    changed: Object = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            changed[key] = difference(old, new)
        else:
            changed[key] = old
    return dict(sorted(changed.items()))


def listed(data: list[Object], url: str) -> Object:
    """A whole list as a document has it inside."""
    return {"object": "list", "data": data, "has_more": False, "url": url}
