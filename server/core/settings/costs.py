"""The section `[costs]` of the configuration: what services cost us, and what a call may.

Pure arithmetic with decimal numbers. Knows not who consumes what.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_UP, Decimal
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from server.core.settings.types import Section

Unit: TypeAlias = Literal["seconds", "characters", "tokens", "messages"]
Per: TypeAlias = Literal[
    "second", "minute", "started_minute", "hour", "character", "thousand_characters",
    "million_characters", "thousand_tokens", "million_tokens", "message",
]  # fmt: skip
Money: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$")]

_UNITS: Mapping[str, Unit] = {
    "call": "seconds", "inbound_call": "seconds", "stt": "seconds", "tts": "characters",
    "llm": "tokens", "realtime": "tokens", "segment": "messages", "inbound_segment": "messages",
    "email": "messages",
}  # fmt: skip
_CALLS = ("call", "inbound_call")  # whose seconds are known once, as a whole
_PER: Mapping[Per, tuple[Unit, int]] = {
    "second": ("seconds", 1), "minute": ("seconds", 60), "started_minute": ("seconds", 60),
    "hour": ("seconds", 3600), "character": ("characters", 1),
    "thousand_characters": ("characters", 1000), "million_characters": ("characters", 1_000_000),
    "thousand_tokens": ("tokens", 1000), "million_tokens": ("tokens", 1_000_000),
    "message": ("messages", 1),
}  # fmt: skip
_NAME = re.compile(r"[a-z]+\.([a-z_]+)(\.[a-z_]+)?")
_NANO = Decimal("0.000000001")


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much for each; a decimal number."""

    per: Per
    price: Money


class Charge(msgspec.Struct, frozen=True):
    """How much of it, and what that costs; None: nobody gave a price."""

    what: str
    unit: Unit
    quantity: Decimal
    amount: Decimal | None


def unit_of(what: str) -> Unit | None:
    """What a service is counted in, by its kind, the second word of its name; None for no name."""
    name = _NAME.fullmatch(what)
    return None if name is None else _UNITS.get(name[1])


class Costs(Section, frozen=True):
    """Prices by what is consumed; a call is ended once it has cost `call_budget`, "": never."""

    currency: Annotated[str, Meta(pattern=r"^[a-z]{3}$")] = "usd"
    call_budget: Annotated[str, Meta(pattern=r"^([0-9]{1,9}(\.[0-9]{1,9})?)?$")] = ""
    prices: dict[str, Price] = msgspec.field(default_factory=dict)

    @property
    def budget(self) -> Decimal | None:
        """What a call may cost."""
        return Decimal(self.call_budget) if self.call_budget else None

    def within(self, budget: str | None) -> "Costs":
        """The same with this budget of a call's as well: the lower one counts."""
        lower = min(filter(None, (self.call_budget, budget)), key=Decimal, default="")
        return msgspec.structs.replace(self, call_budget=lower)

    def charge(self, what: str, count: int) -> Charge:
        """What it costs: `count` is milliseconds of what is priced by time, else characters, tokens
        or messages. To the billionth, so that small parts add up."""
        unit = unit_of(what) or "messages"
        quantity = Decimal(count) / 1000 if unit == "seconds" else Decimal(count)
        price = self.prices.get(what)
        if price is None:
            return Charge(what, unit, quantity, None)
        each = quantity / _PER[price.per][1]
        if price.per == "started_minute":
            each = each.to_integral_value(ROUND_UP)
        return Charge(what, unit, quantity, (each * Decimal(price.price)).quantize(_NANO))

    def total(self, consumed: Mapping[str, int]) -> Decimal:
        """What all of it costs, as far as there are prices."""
        charges = (self.charge(what, count) for what, count in consumed.items())
        return sum((one.amount for one in charges if one.amount is not None), Decimal())

    def faults(self) -> list[str]:
        """Prices of what nobody consumes, and for what it is not counted in."""
        faults = []
        for what, price in self.prices.items():
            unit = unit_of(what)
            kind = what.split(".")[1] if unit is not None else ""
            if unit is None:
                known = ", ".join(_UNITS)
                faults.append(f"costs.prices.{what}: must be a service's name and one of {known}")
            elif _PER[price.per][0] != unit:
                faults.append(f"costs.prices.{what}: is counted in {unit}, not by {price.per}")
            elif price.per == "started_minute" and kind not in _CALLS:
                faults.append(f"costs.prices.{what}: only telephone calls are paid by that")
        return faults
