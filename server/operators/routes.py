"""REST for operators in a live call: how it stands, and what can be done."""

import uuid

from server.calls import verbs
from server.calls.deps import CallDeps
from server.core.identity.auth import Identity
from server.http.routing import Route
from server.operators.actions import Standing
from server.operators.verbs import STANDING, VERBS


async def _standing(deps: CallDeps, who: Identity, call_id: uuid.UUID) -> Standing:
    standing: Standing = await verbs.do(STANDING, deps, who, call_id)
    return standing


ROUTES = (
    Route("GET", f"{verbs.ONE}/operators", _standing, Standing, "How it stands towards operators"),
    *verbs.routes(VERBS),
)
