"""What an API key may: a scope for each route and command, and none for what only people do. Pure.

What is not here no key may do, so that a new route is closed to keys until somebody says otherwise.
"""

from typing import Literal, TypeAlias, get_args

from server.core.errors import AppError
from server.core.identity.auth import Identity

Scope: TypeAlias = Literal["read", "calls", "texts", "emails", "webhooks"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_ACTED_ON: dict[str, Scope] = {
    "/v1/calls": "calls", "/v1/scheduled-calls": "calls", "/v1/conversations": "texts",
    "/v1/emails": "emails",
}  # fmt: skip
_READ = frozenset({"/v1/consents", "/v1/opt-outs", "/v1/plans", "/v1/usage", "/v1/events"})
_READ_EXACTLY = frozenset({"/v1/me", "/v1/me/numbers", "/v1/subscription", "/v1/agents"})
_COMMANDS: dict[str, Scope] = {
    "call": "calls", "sms": "texts", "conv": "texts", "email": "emails", "sub": "read",
    "token": "read",
}  # fmt: skip


def of_route(method: str, path: str) -> Scope | None:
    """The scope that a key needs for a route; None: it is not for keys."""
    room = "/".join(path.split("/")[:3])
    if room == "/v1/webhooks":
        return "webhooks"
    if path == "/v1/tickets":
        return "read"
    if method == "GET":
        is_read = room in _ACTED_ON or room in _READ or path in _READ_EXACTLY
        return "read" if is_read else None
    return _ACTED_ON.get(room)


def of_command(name: str) -> Scope | None:
    """The scope that a key needs for a command of the live channel."""
    return _COMMANDS.get(name.partition(".")[0])


def require(who: Identity, scope: Scope | None) -> None:
    """Refuse a key without the scope; people signed in need none. Raises AppError."""
    if who.key is None or (scope is not None and scope in who.key.scopes):
        return
    if scope is None:
        raise AppError("scope_required", "No API key may do this; sign in.", scope=None)
    raise AppError("scope_required", f"The API key lacks the scope `{scope}`.", scope=scope)
