"""The sign-in service's routes for the project's secret key, `/auth/v1/admin/...` and `/invite`.

Parses, asks, answers.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from quart import Blueprint, Response, jsonify, request

from sandbox.core.settings import Settings
from sandbox.supabase import admin, factors, passwordless
from sandbox.supabase.errors import AuthError
from sandbox.supabase.service import AuthService
from sandbox.supabase.users import factor_json, user_json

Body = Callable[[], Awaitable[dict[str, Any]]]


def add_admin(
    blueprint: Blueprint, service: AuthService, settings: Settings, read_body: Body
) -> None:
    """All routes, behind the secret key."""

    @blueprint.before_request
    async def check_admin() -> None:
        name = (request.endpoint or "").rpartition(".")[2]
        if name.startswith("admin_"):
            _check_secret(settings.secret_key)

    _add_users(blueprint, service, read_body)
    _add_factors(blueprint, service)
    _add_links(blueprint, service, read_body)


def _add_users(blueprint: Blueprint, service: AuthService, read_body: Body) -> None:
    @blueprint.get("/admin/users")
    async def admin_list() -> Response:
        number, size = request.args.get("page", ""), request.args.get("per_page", "")
        users, total = admin.page(service, number, size)
        shown = {"users": [user_json(user) for user in users], "aud": "authenticated"}
        reply = jsonify(shown)
        reply.headers["X-Total-Count"] = str(total)
        reply.headers["Link"] = _links(int(number or 1), int(size or 50), total)
        return reply

    @blueprint.post("/admin/users")
    async def admin_create() -> Response:
        return jsonify(user_json(await admin.create(service, await read_body())))

    @blueprint.get("/admin/users/<user_id>")
    async def admin_get(user_id: str) -> Response:
        return jsonify(user_json(admin.found(service, user_id)))

    @blueprint.put("/admin/users/<user_id>")
    async def admin_update(user_id: str) -> Response:
        user = admin.found(service, user_id)
        return jsonify(user_json(await admin.change(service, user, await read_body())))

    @blueprint.delete("/admin/users/<user_id>")
    async def admin_delete(user_id: str) -> Response:
        user = admin.found(service, user_id)
        body = await request.get_json(force=True, silent=True)
        softly = isinstance(body, dict) and bool(body.get("should_soft_delete"))
        admin.delete(service, user, softly=softly)
        return jsonify({})


def _add_factors(blueprint: Blueprint, service: AuthService) -> None:
    @blueprint.get("/admin/users/<user_id>/factors")
    async def admin_factors(user_id: str) -> Response:
        return jsonify([factor_json(one) for one in admin.found(service, user_id).factors])

    @blueprint.delete("/admin/users/<user_id>/factors/<factor_id>")
    async def admin_drop_factor(user_id: str, factor_id: str) -> Response:
        user = admin.found(service, user_id)
        return jsonify(factor_json(factors.remove(service, user, factor_id)))


def _add_links(blueprint: Blueprint, service: AuthService, read_body: Body) -> None:
    @blueprint.post("/admin/generate_link")
    async def admin_link() -> Response:
        body = await read_body()
        leads = request.args.get("redirect_to", "") or str(body.get("redirect_to") or "")
        return jsonify(await passwordless.generate_link(service, body, leads))

    @blueprint.post("/invite")
    async def admin_invite() -> Response:
        leads = request.args.get("redirect_to", "")
        return jsonify(user_json(await passwordless.invite(service, await read_body(), leads)))


def _check_secret(secret_key: str) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token")
    if not hmac.compare_digest(token.encode(), secret_key.encode()):
        raise AuthError(403, "not_admin", "User not allowed")


def _links(number: int, size: int, total: int) -> str:
    last = max(1, -(-total // size))
    pages = {"next": number + 1, "last": last} if number < last else {"last": last}
    return ", ".join(
        f'</admin/users?page={page}&per_page={size}>; rel="{rel}"' for rel, page in pages.items()
    )
