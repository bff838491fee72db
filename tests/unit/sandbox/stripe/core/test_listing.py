"""Pages and filters of lists."""

import pytest

from sandbox.stripe.core.errors import StripeError
from tests.unit.sandbox.stripe.in_memory import InMemoryStripe


def test_lists_page_newest_first_by_cursors() -> None:
    api = InMemoryStripe()
    ids = [api.post("customers", email=f"{n}@example.com")["id"] for n in range(5)][::-1]
    first = api.get("customers", limit=2)
    assert ([row["id"] for row in first["data"]], first["has_more"]) == (ids[:2], True)
    second = api.get("customers", limit=2, starting_after=ids[1])
    assert ([row["id"] for row in second["data"]], second["has_more"]) == (ids[2:4], True)
    last = api.get("customers", limit=2, starting_after=ids[3])
    assert ([row["id"] for row in last["data"]], last["has_more"]) == (ids[4:], False)
    back = api.get("customers", limit=2, ending_before=ids[3])
    assert [row["id"] for row in back["data"]] == ids[1:3]
    assert api.get("customers", email="3@example.com")["data"][0]["id"] == ids[1]
    for wrong in ({"limit": 0}, {"limit": 101}, {"starting_after": "cus_none"}):
        with pytest.raises(StripeError):
            api.get("customers", **wrong)


def test_lists_can_be_bounded_by_creation() -> None:
    api = InMemoryStripe("2026-12-01")
    early = api.customer()
    api.until("2026-12-02")
    late = api.customer()
    moment = api.account.now()
    assert [row["id"] for row in api.get("customers", created={"gte": moment})["data"]] == [late]
    assert [row["id"] for row in api.get("customers", created={"lt": moment})["data"]] == [early]
