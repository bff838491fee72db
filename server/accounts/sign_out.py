"""Signing out: a page tells that it did so at the sign-in service, by the token it had.

Whether that is so the sign-in service says, in whoever finds out who asks: what is open in a
session that has ended ends there, whatever is asked for. This is what to ask for.
"""

from collections.abc import Awaitable, Callable

import msgspec
from quart import Blueprint, Response

from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.http.deps import HttpDeps
from server.http.routing import Route


class SignedOut(msgspec.Struct, frozen=True):
    """`signed_out`: the token is taken no more, and nothing stays open that was opened by it. False
    while its session lasts: sign out at the sign-in service first."""

    signed_out: bool


ROUTES = (
    Route("POST", "/v1/sign-out", None, SignedOut, "End what is open in a session that has ended"),
)


def routes(deps: HttpDeps, signed_in: Callable[[HttpDeps], Awaitable[Identity]]) -> Blueprint:
    """`POST /v1/sign-out`."""
    blueprint = Blueprint("sign_out", __name__)

    @blueprint.post("/v1/sign-out")
    async def sign_out() -> Response:
        try:
            await signed_in(deps)
        except AppError as error:
            if error.code != "unauthenticated":
                raise
            return _reply(SignedOut(signed_out=True))
        return _reply(SignedOut(signed_out=False))

    return blueprint


def _reply(body: SignedOut) -> Response:
    return Response(msgspec.json.encode(body), content_type="application/json")
