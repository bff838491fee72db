"""What subscriptions mean, what kind of change a wish is, and money."""

import datetime as dt
from decimal import Decimal
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.billing_rules.plans import (
    FREE,
    Change,
    Current,
    Entitlement,
    Interval,
    Offer,
    Pending,
    PlanOption,
    Seen,
    classify,
    entitlement,
    is_month_start,
    major,
    minor,
    month_start_after,
    off_anchor,
    plan_price,
    resolve_change,
)

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
GRACE = dt.timedelta(days=7)
OFFERS = {
    "price_pro_m": Offer("pro", "monthly", 1),
    "price_pro_y": Offer("pro", "yearly", 1),
    "price_premium_m": Offer("premium", "monthly", 2),
    "price_premium_y": Offer("premium", "yearly", 2),
}
KNOWN = (
    "active", "trialing", "past_due", "unpaid", "paused", "canceled", "incomplete",
    "incomplete_expired",
)  # fmt: skip
MOMENTS = st.integers(1_577_836_800, 2_051_222_400).map(
    lambda seconds: dt.datetime.fromtimestamp(seconds, dt.UTC)
)


def seen(status: str = "active", price: str = "price_pro_m", name: str = "sub_1") -> Seen:
    return Seen(name, status, price, NOW, NOW, NOW + dt.timedelta(days=30))


def stand(*found: Seen, held: Current = Current(), now: dt.datetime = NOW) -> Entitlement:  # noqa: B008
    return entitlement(found, held, OFFERS, now, GRACE)


@pytest.mark.parametrize(
    ("status", "plan"),
    [(one, "pro" if one in {"active", "trialing", "past_due"} else FREE) for one in KNOWN],
)
def test_each_of_the_eight_statuses_gives_the_paid_plan_or_the_free_one(
    status: str, plan: str
) -> None:
    assert stand(seen(status)).plan == plan
    assert stand(seen(status)).alerts == ()


def test_a_status_nobody_knows_grants_nothing_and_alerts() -> None:
    found = stand(seen("resting"), held=Current("pro", "monthly", "sub_1"))
    assert (found.plan, found.alerts) == (FREE, ("unknown_status",))


def test_an_unknown_price_keeps_the_plan_and_alerts() -> None:
    found = stand(seen(price="price_x"), held=Current("premium", "yearly", "sub_1"))
    assert (found.plan, found.interval, found.alerts) == ("premium", "yearly", ("unknown_price",))


def test_an_unknown_price_of_another_subscription_inherits_nothing() -> None:
    assert stand(seen(price="price_x"), held=Current("premium", "yearly", "sub_0")).plan == FREE


def test_a_gift_stays_until_a_subscription_takes_its_place() -> None:
    gift = Current("premium")
    assert stand(held=gift).plan == "premium"
    assert stand(seen("incomplete"), held=gift).plan == "premium"
    assert stand(seen(), held=gift).plan == "pro"


def test_an_unpaid_plan_holds_for_the_days_of_grace_and_not_a_second_longer() -> None:
    first = stand(seen("past_due"))
    assert (first.past_due_since, first.entitled_until) == (NOW, NOW + GRACE)
    held = Current("pro", "monthly", "sub_1", first.past_due_since)
    just_before = NOW + GRACE - dt.timedelta(seconds=1)
    assert stand(seen("past_due"), held=held, now=just_before).plan == "pro"
    late = stand(seen("past_due"), held=held, now=NOW + GRACE)
    assert (late.plan, late.past_due_since) == (FREE, NOW)
    paid = stand(seen(), held=held, now=NOW + GRACE)
    assert (paid.plan, paid.past_due_since, paid.entitled_until) == ("pro", None, None)


def test_the_grace_counts_from_what_is_owed_now_and_not_from_what_was_once() -> None:
    once = Current("pro", "monthly", "sub_1", NOW - dt.timedelta(days=31))
    owes = Seen("sub_1", "past_due", "price_pro_m", NOW, NOW, NOW, owed_since=NOW)
    assert stand(owes, held=once).entitled_until == NOW + GRACE


@pytest.mark.parametrize(
    ("day", "is_first"),
    [((2027, 1, 1, 0), True), ((2027, 1, 1, 12), False), ((2028, 2, 29), False)],
)
def test_a_monthly_subscription_strays_that_turns_on_another_day_than_the_first(
    day: tuple[int, ...], is_first: bool
) -> None:
    end = dt.datetime(*day, tzinfo=dt.UTC)  # type: ignore[misc, arg-type]
    alone = Seen("sub_1", "active", "price_pro_m", NOW, NOW, end)
    assert is_month_start(end) == is_first
    assert off_anchor(alone, "monthly") == (not is_first)
    assert not off_anchor(alone, "yearly")
    planned = [
        msgspec.structs.replace(alone, **plan)
        for plan in (
            {"schedule": "s"},
            {"ends_at": end},
            {"is_updating": True},
            {"status": "paused"},
        )
    ]
    assert not any(off_anchor(one, "monthly") for one in planned)


def test_two_paid_subscriptions_alert_and_the_one_we_hold_counts() -> None:
    other = seen(price="price_premium_m", name="sub_2")
    found = stand(seen(), other, held=Current("premium", "monthly", "sub_2"))
    assert (found.subscription, found.alerts) == ("sub_2", ("two_subscriptions",))


SEEN = st.builds(
    Seen,
    id=st.sampled_from(["sub_1", "sub_2", "sub_3"]),
    status=st.sampled_from([*KNOWN, "resting"]),
    price=st.sampled_from([*OFFERS, "price_x"]),
    created_at=MOMENTS,
    period_start=st.just(NOW),
    period_end=st.just(NOW),
    owed_since=st.none() | MOMENTS,
)
HELD = st.builds(
    Current,
    plan=st.sampled_from(["free", "pro", "premium"]),
    interval=st.sampled_from([None, "monthly", "yearly"]),
    subscription=st.sampled_from([None, "sub_1", "sub_2"]),
    past_due_since=st.none() | MOMENTS,
)


@given(st.lists(SEEN, max_size=4, unique_by=lambda one: one.id), HELD, MOMENTS)
def test_the_order_of_the_list_never_matters(
    found: list[Seen], held: Current, now: dt.datetime
) -> None:
    answers = {stand(*order, held=held, now=now) for order in permutations(found)}
    assert len(answers) == 1


@given(st.lists(SEEN, max_size=4, unique_by=lambda one: one.id), HELD, MOMENTS)
def test_looking_twice_says_the_same(found: list[Seen], held: Current, now: dt.datetime) -> None:
    once = stand(*found, held=held, now=now)
    kept = Current(once.plan, once.interval, once.subscription, once.past_due_since)
    if once.subscription is None and held.subscription is not None:
        assert once.plan == FREE
    assert stand(*found, held=kept, now=now) == once


@given(st.lists(SEEN, max_size=4, unique_by=lambda one: one.id), MOMENTS)
def test_nothing_is_granted_without_a_paid_subscription_to_a_known_price(
    found: list[Seen], now: dt.datetime
) -> None:
    granted = stand(*found, now=now).plan
    bought = {
        OFFERS[one.price].plan
        for one in found
        if one.status in {"active", "trialing", "past_due"} and one.price in OFFERS
    }
    assert granted in bought | {FREE}


LADDER = [("free", None), ("pro", "monthly"), ("pro", "yearly"), ("premium", "monthly"),
          ("premium", "yearly")]  # fmt: skip
RANKS = {"free": 0, "pro": 1, "premium": 2}


def an_option(plan: str, interval: str | None) -> PlanOption:
    kind: Interval | None = "monthly" if interval == "monthly" else "yearly" if interval else None
    return PlanOption(plan, kind, RANKS[plan])


@pytest.mark.parametrize(
    ("current", "wanted", "change"),
    [
        (LADDER[0], LADDER[1], Change("upgrade", "now")),
        (LADDER[1], LADDER[3], Change("upgrade", "now")),
        (LADDER[1], LADDER[4], Change("upgrade", "now")),
        (LADDER[2], LADDER[4], Change("upgrade", "now")),
        (LADDER[2], LADDER[3], Change("upgrade", "period_end")),
        (LADDER[1], LADDER[2], Change("interval_change", "now")),
        (LADDER[2], LADDER[1], Change("interval_change", "period_end")),
        (LADDER[3], LADDER[1], Change("downgrade", "period_end")),
        (LADDER[3], LADDER[2], Change("downgrade", "period_end")),
        (LADDER[4], LADDER[0], Change("downgrade", "period_end")),
        (LADDER[2], LADDER[2], None),
    ],
)
def test_up_is_now_and_down_is_at_the_periods_end(
    current: tuple[str, str | None], wanted: tuple[str, str | None], change: Change | None
) -> None:
    assert classify(an_option(*current), an_option(*wanted)) == change


def pending(plan: str, interval: Interval | None, *, is_sent: bool = True) -> Pending:
    return Pending(plan, interval, "now" if plan == "premium" else "period_end", is_sent)


def test_an_upgrade_is_completed_by_the_price_and_by_nothing_else() -> None:
    wanted = pending("premium", "monthly")
    waits = Seen("sub_1", "active", "price_pro_m", NOW, NOW, NOW, is_updating=True)
    assert resolve_change(wanted, waits, stand(waits), OFFERS) == "pending"
    assert resolve_change(wanted, seen(), stand(seen()), OFFERS) == "failed"
    done = seen(price="price_premium_m")
    assert resolve_change(wanted, done, stand(done), OFFERS) == "completed"


def test_a_change_stripe_has_not_been_told_of_stays_pending() -> None:
    unsent = pending("premium", "monthly", is_sent=False)
    assert resolve_change(unsent, seen(), stand(seen()), OFFERS) == "pending"


def test_a_cancellation_is_pending_while_it_is_coming_and_cancelled_when_taken_back() -> None:
    wanted = pending(FREE, None)
    ends = Seen("sub_1", "active", "price_pro_m", NOW, NOW, NOW, ends_at=NOW)
    assert resolve_change(wanted, ends, stand(ends), OFFERS) == "pending"
    assert resolve_change(wanted, seen(), stand(seen()), OFFERS) == "cancelled"
    other = Seen("sub_1", "active", "price_pro_m", NOW, NOW, NOW, is_updating=True)
    assert resolve_change(wanted, other, stand(other), OFFERS) == "cancelled"
    over = stand(seen("canceled"), held=Current("pro", "monthly", "sub_1"))
    assert resolve_change(wanted, None, over, OFFERS) == "completed"


def test_a_scheduled_downgrade_is_pending_while_the_schedule_stands() -> None:
    wanted = pending("pro", "monthly")
    premium = Seen("sub_1", "active", "price_premium_m", NOW, NOW, NOW, next_price="price_pro_m")
    assert resolve_change(wanted, premium, stand(premium), OFFERS) == "pending"


@pytest.mark.parametrize(
    ("units", "currency", "amount"),
    [(899, "usd", "8.99"), (899, "JPY", "899"), (1234, "kwd", "1.234"), (-5, "eur", "-0.05")],
)
def test_minor_units_become_amounts_by_the_currencys_digits(
    units: int, currency: str, amount: str
) -> None:
    assert major(units, currency) == Decimal(amount)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["usd", "jpy", "kwd", "eur", "vnd"]))
def test_money_there_and_back_is_the_same(units: int, currency: str) -> None:
    assert minor(major(units, currency), currency) == units


def test_an_amount_finer_than_its_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="finer"):
        minor(Decimal("8.99"), "jpy")


@given(MOMENTS)
def test_the_anchor_is_the_next_first_of_a_month(at: dt.datetime) -> None:
    anchor = month_start_after(at)
    assert at < anchor <= at + dt.timedelta(days=31)
    assert (anchor.day, anchor.hour, anchor.minute, anchor.second) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("prices", "plan"),
    [
        (["price_seat", "price_pro_m"], "price_pro_m"),
        (["price_pro_m", "price_aaa"], "price_pro_m"),
        (["price_pro_m", "price_premium_m", "price_seat"], "price_premium_m"),
        (["price_seat", "price_other"], "price_other"),
    ],
)
def test_the_plans_price_is_found_wherever_it_stands(prices: list[str], plan: str) -> None:
    assert plan_price(prices, OFFERS) == plan_price(prices[::-1], OFFERS) == plan


def test_something_else_that_is_paid_for_hides_no_plan_and_is_no_second_one() -> None:
    other, late = seen(price="price_seat", name="sub_0"), seen("past_due", name="sub_1")
    assert stand(other, late).plan == "pro"
    assert stand(other, seen(name="sub_1")).alerts == ()
