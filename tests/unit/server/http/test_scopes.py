"""What an API key may, route by route; whatever is new is closed to keys."""

import uuid

import pytest

from server.core.errors import AppError
from server.core.identity.auth import Identity, KeyRight
from server.http.scopes import Scope, of_command, of_route, require


def somebody(*scopes: str) -> Identity:
    key = KeyRight(uuid.uuid4(), scopes, 60)
    return Identity(uuid.uuid4(), None, None, admin=False, expires_at=0, claims={}, key=key)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/calls", "read"),
        ("POST", "/v1/calls", "calls"),
        ("POST", "/v1/calls/<uuid:call_id>/takeover", "calls"),
        ("GET", "/v1/calls/<uuid:call_id>/journal", "read"),
        ("POST", "/v1/conversations/<uuid:conversation_id>/messages", "texts"),
        ("POST", "/v1/emails", "emails"),
        ("GET", "/v1/webhooks", "webhooks"),
        ("DELETE", "/v1/webhooks/<uuid:webhook_id>", "webhooks"),
        ("POST", "/v1/tickets", "read"),
        ("GET", "/v1/me", "read"),
        ("PATCH", "/v1/me", None),
        ("DELETE", "/v1/me", None),
        ("GET", "/v1/me/export", None),
        ("POST", "/v1/me/numbers", None),
        ("POST", "/v1/consents", None),
        ("GET", "/v1/subscription", "read"),
        ("POST", "/v1/subscription/change", None),
        ("GET", "/v1/keys", None),
        ("POST", "/v1/keys", None),
        ("GET", "/v1/admin/users", None),
        ("GET", "/v1/something/new", None),
    ],
)
def test_each_route_has_its_scope(method: str, path: str, scope: Scope | None) -> None:
    assert of_route(method, path) == scope


@pytest.mark.parametrize(
    ("name", "scope"),
    [("call.start", "calls"), ("conv.end", "texts"), ("sms.send", "texts"),
     ("email.send", "emails"), ("sub.add", "read"), ("token.refresh", "read"), ("other", None)],
)  # fmt: skip
def test_each_command_has_its_scope(name: str, scope: Scope | None) -> None:
    assert of_command(name) == scope


def test_a_key_needs_the_scope_and_people_need_none() -> None:
    person = Identity(uuid.uuid4(), None, None, admin=False, expires_at=0, claims={})
    require(person, None)
    require(person, "calls")
    require(somebody("read", "calls"), "calls")
    for who, scope in ((somebody("read"), "calls"), (somebody("read", "calls"), None)):
        with pytest.raises(AppError) as refused:
            require(who, scope)  # type: ignore[arg-type]
        assert refused.value.code == "scope_required"
        assert refused.value.extra == {"scope": scope}
