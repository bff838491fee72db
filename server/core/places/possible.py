"""What a configuration says of the world that cannot be: countries there are none of, hours that
never come. Knows no sections but by what they must have.
"""

from typing import Protocol

from phonenumbers import SUPPORTED_REGIONS


class Reaching(Protocol):
    """Who may be reached where."""

    @property
    def allowed_countries(self) -> tuple[str, ...]: ...


class Texting(Reaching, Protocol):
    """And when."""

    @property
    def first_hour(self) -> int: ...

    @property
    def last_hour(self) -> int: ...


def impossible(calls: Reaching, sms: Texting) -> list[str]:
    """A fault for each key."""
    faults = []
    if not sms.first_hour < sms.last_hour:
        faults.append("sms: first_hour < last_hour must hold")
    for section, reaching in (("calls", calls), ("sms", sms)):
        if unknown := set(reaching.allowed_countries) - SUPPORTED_REGIONS:
            faults.append(
                f"{section}.allowed_countries: {len(unknown)} of them is no country; write two"
                " capital letters each, as US, CA and GB"
            )
    return faults
