"""Events and the endpoints they are sent to, and test clocks.

Endpoints, called within a transaction. Sending itself is in `delivery`; here is only what was and
was not delivered.
"""

from datetime import UTC, datetime
from fnmatch import fnmatchcase

from sandbox.stripe.core.account import API_VERSION, Account, Object
from sandbox.stripe.core.errors import invalid
from sandbox.stripe.core.listing import page
from sandbox.stripe.core.params import Params
from sandbox.stripe.shapes.catalog import webhook_endpoint
from sandbox.stripe.shapes.sessions import test_clock

CLOCK = "test_helpers.test_clock"


def events(account: Account, params: Params) -> Object:
    """GET /v1/events, also of types such as `invoice.*`; `delivery_success=false` has those some
    endpoint has not taken."""
    kinds = [params.text("type") or "*"] if "types" not in params else params.texts("types")
    rows = [
        row for row in account.all("event") if any(fnmatchcase(row["type"], kind) for kind in kinds)
    ]
    counts = undelivered(account)
    if (success := params.flag("delivery_success")) is not None:
        rows = [row for row in rows if (row["id"] not in counts) == success]
    shown = page(params, rows, "/v1/events")
    return {
        **shown,
        "data": [{**row, "pending_webhooks": counts.get(row["id"], 0)} for row in shown["data"]],
    }


def event(account: Account, _: Params, event_id: str) -> Object:
    """GET /v1/events/{id}."""
    found = account.get("event", event_id)
    return {**found, "pending_webhooks": undelivered(account).get(event_id, 0)}


def undelivered(account: Account) -> dict[str, int]:
    """How many endpoints have not taken an event, by its id."""
    counts: dict[str, int] = {}
    for one in account.all("delivery"):
        if not one["delivered"]:
            counts[one["event"]] = counts.get(one["event"], 0) + 1
    return counts


def create_endpoint(account: Account, params: Params) -> Object:
    """POST /v1/webhook_endpoints; only this answer has the secret."""
    wanted = params.texts("enabled_events")
    if not wanted:
        raise invalid("Missing required param: enabled_events.", "enabled_events")
    version = params.text_or("api_version", None)
    check_version(version)
    endpoint_id = account.new_id("we")
    made = webhook_endpoint(
        endpoint_id,
        account.now(),
        api_version=version,
        description=params.text_or("description", None),
        enabled_events=wanted,
        metadata=params.metadata(),
        url=params.need("url"),
    )
    secret = f"whsec_{account.new_id('x')[2:]}"
    account.set_facts(endpoint_id, secret=secret)
    return {**account.put(made), "secret": secret}


def update_endpoint(account: Account, params: Params, endpoint_id: str) -> Object:
    """POST /v1/webhook_endpoints/{id}."""
    before = account.get("webhook_endpoint", endpoint_id)
    disabled = params.flag("disabled")
    status = {True: "disabled", False: "enabled", None: before["status"]}[disabled]
    return account.change(
        before,
        description=params.text_or("description", before["description"]),
        enabled_events=params.texts("enabled_events") or before["enabled_events"],
        metadata=params.metadata(before["metadata"]),
        status=status,
        url=params.text("url") or before["url"],
    )


def delete_endpoint(account: Account, _: Params, endpoint_id: str) -> Object:
    """DELETE /v1/webhook_endpoints/{id}."""
    drop_endpoint(account, endpoint_id)
    return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}


def drop_endpoint(account: Account, endpoint_id: str) -> None:
    """No events go there any more; what it has not taken is forgotten."""
    account.drop(account.get("webhook_endpoint", endpoint_id))
    for one in account.all("delivery"):
        if one["endpoint"] == endpoint_id:
            account.drop(one)


def check_version(version: str | None) -> None:
    """Raises StripeError for an API version the sandbox does not speak."""
    if version not in (None, API_VERSION):
        raise invalid(
            f"Invalid Stripe API version: {version}. The sandbox speaks only {API_VERSION}.",
            "api_version",
        )


def create_clock(account: Account, params: Params) -> Object:
    """POST /v1/test_helpers/test_clocks: moves the sandbox's one clock ahead and stops it."""
    frozen = _moment(account, params)
    made = test_clock(account.new_id("clock"), account.now(), frozen, params.text_or("name", None))
    account.put(made)
    account.set_facts(made["id"], target=frozen)
    account.emit(f"{CLOCK}.created", made)
    return made


def advance_clock(account: Account, params: Params, clock_id: str) -> Object:
    """POST /v1/test_helpers/test_clocks/{id}/advance; ready when it is next looked at."""
    made = account.get(CLOCK, clock_id)
    target = _moment(account, params)
    account.set_facts(clock_id, target=target)
    account.emit(f"{CLOCK}.advancing", made)
    account.change(made, frozen_time=target)
    return {
        **made,
        "frozen_time": target,
        "status": "advancing",
        "status_details": {"advancing": {"target_frozen_time": target}},
    }


def delete_clock(account: Account, _: Params, clock_id: str) -> Object:
    """DELETE /v1/test_helpers/test_clocks/{id}; time goes on from where it stands."""
    account.drop(account.get(CLOCK, clock_id))
    return {"id": clock_id, "object": CLOCK, "deleted": True}


def clock_target(account: Account, clock_id: str) -> datetime:
    """The moment a test clock is advanced to."""
    return datetime.fromtimestamp(account.facts(clock_id)["target"], tz=UTC)


def _moment(account: Account, params: Params) -> int:
    params.need("frozen_time")
    moment = params.integer("frozen_time")
    if moment is None or moment < account.now():
        raise invalid(
            "The sandbox has one clock, and it only goes ahead.", params.path("frozen_time")
        )
    return moment
