"""REST for the subscription: what it is, what a change costs, change, cancel, resume, pay."""

from server.billing import actions, checkout
from server.billing.actions import Changed, PlanAsk
from server.billing.checkout import Link, PlanPreview
from server.billing.deps import BillingDeps
from server.billing.wire import SubscriptionOut
from server.core.identity.auth import Identity
from server.http.routing import Nothing, Route


async def _cancel(deps: BillingDeps, who: Identity, body: Nothing) -> Changed:  # noqa: ARG001
    return await actions.cancel(deps, who)


async def _resume(deps: BillingDeps, who: Identity, body: Nothing) -> Changed:  # noqa: ARG001
    return await actions.resume(deps, who)


async def _portal(deps: BillingDeps, who: Identity, body: Nothing) -> Link:  # noqa: ARG001
    return await checkout.portal(deps, who)


async def _preview(deps: BillingDeps, who: Identity, body: PlanAsk) -> PlanPreview:
    return await checkout.preview(deps, who, body)


async def _change(deps: BillingDeps, who: Identity, body: PlanAsk) -> Changed:
    return await actions.change(deps, who, body)


async def _checkout(deps: BillingDeps, who: Identity, body: PlanAsk) -> Link:
    return await checkout.checkout(deps, who, body)


PATH = "/v1/subscription"
ROUTES = (
    Route("GET", PATH, actions.read, SubscriptionOut, "The plan and what is going to change"),
    Route("POST", f"{PATH}/preview", _preview, PlanPreview, "What a change costs now", PlanAsk),
    Route("POST", f"{PATH}/change", _change, Changed, "Change a paid plan", PlanAsk),
    Route("POST", f"{PATH}/cancel", _cancel, Changed, "End the plan with its period", Nothing),
    Route("POST", f"{PATH}/resume", _resume, Changed, "Take a planned change back", Nothing),
    Route("POST", f"{PATH}/checkout", _checkout, Link, "A page to pay for a plan on", PlanAsk,
          status=201),
    Route("POST", f"{PATH}/portal", _portal, Link, "A page for cards and invoices", Nothing,
          status=201),
)  # fmt: skip
