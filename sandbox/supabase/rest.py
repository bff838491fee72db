"""The sign-in service's HTTP interface, `/auth/v1/...`, as Supabase's own clients expect it.

Parses, asks the service, answers. Open to browsers of any origin, as Supabase is; every path but
the public ones wants one of the project's API keys.
"""

import hmac
from typing import Any

from quart import Blueprint, Response, jsonify, request

from sandbox.core.settings import Settings
from sandbox.supabase.service import AuthError, AuthService, user_json
from sandbox.supabase.store import Session, User

_PUBLIC = frozenset({"auth.jwks", "auth.health"})
_NEW_ERRORS_SINCE = "2024-01-01"


def auth_blueprint(service: AuthService, settings: Settings) -> Blueprint:
    """Routes of the sign-in service."""
    blueprint = Blueprint("auth", __name__, url_prefix="/auth/v1")
    _add_gateway(blueprint, settings)
    _add_tokens(blueprint, service)
    _add_user(blueprint, service)
    _add_admin(blueprint, service, settings)
    _add_public(blueprint, service)
    return blueprint


def _add_gateway(blueprint: Blueprint, settings: Settings) -> None:
    keys = (settings.publishable_key, settings.secret_key)

    @blueprint.errorhandler(AuthError)
    async def refuse(error: AuthError) -> tuple[Response, int]:
        return jsonify(_error_body(error)), error.status

    @blueprint.before_request
    async def check_key() -> tuple[Response, int] | Response | None:
        if request.method == "OPTIONS":
            return Response(status=204)
        given = request.headers.get("apikey") or request.args.get("apikey") or ""
        if request.endpoint in _PUBLIC or any(hmac.compare_digest(given, key) for key in keys):
            return None
        message = "Invalid API key" if given else "No API key found in request"
        return jsonify({"message": message, "hint": "Send the `apikey` header."}), 401

    @blueprint.after_request
    async def allow_browsers(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, DELETE, OPTIONS"
        asked = request.headers.get("Access-Control-Request-Headers", "*")
        response.headers["Access-Control-Allow-Headers"] = asked
        response.headers["x-supabase-api-version"] = _NEW_ERRORS_SINCE
        return response


def _add_tokens(blueprint: Blueprint, service: AuthService) -> None:
    @blueprint.post("/signup")
    async def sign_up() -> Response:
        return jsonify(await service.sign_up(await _body()))

    @blueprint.post("/token")
    async def token() -> Response:
        match request.args.get("grant_type"):
            case "password":
                return jsonify(await service.sign_in(await _body()))
            case "refresh_token":
                return jsonify(await service.refresh(await _body()))
            case _:
                raise AuthError(400, "validation_failed", "unsupported_grant_type")


def _add_user(blueprint: Blueprint, service: AuthService) -> None:
    @blueprint.get("/user")
    async def user() -> Response:
        return jsonify(user_json(_bearer(service)[0]))

    @blueprint.put("/user")
    async def update() -> Response:
        return jsonify(user_json(await service.update(_bearer(service)[0], await _body())))

    @blueprint.post("/logout")
    async def log_out() -> tuple[str, int]:
        user, session = _bearer(service)
        match request.args.get("scope", "global"):
            case "local":
                service.store.end_session(session.id)
            case "others":
                service.store.end_sessions(user.id, but=session.id)
            case _:
                service.store.end_sessions(user.id)
        return "", 204


def _add_admin(blueprint: Blueprint, service: AuthService, settings: Settings) -> None:
    @blueprint.delete("/admin/users/<user_id>")
    async def delete(user_id: str) -> Response:
        authorization = request.headers.get("Authorization", "")
        if not hmac.compare_digest(authorization, f"Bearer {settings.secret_key}"):
            raise AuthError(403, "not_admin", "User not allowed")
        if service.store.user(user_id) is None:
            raise AuthError(404, "user_not_found", "User not found")
        service.store.delete_user(user_id)
        return jsonify({})


def _add_public(blueprint: Blueprint, service: AuthService) -> None:
    @blueprint.get("/.well-known/jwks.json")
    async def jwks() -> Response:
        response = jsonify(service.jwks())
        response.headers["Cache-Control"] = "public, max-age=600"
        return response

    @blueprint.get("/settings")
    async def project_settings() -> Response:
        return jsonify(
            {
                "external": {"email": True, "phone": True, "anonymous_users": False},
                "disable_signup": False,
                "mailer_autoconfirm": True,
                "phone_autoconfirm": True,
            }
        )

    @blueprint.get("/health")
    async def health() -> Response:
        return jsonify({"name": "GoTrue", "description": "A make-believe sign-in service"})


async def _body() -> dict[str, Any]:
    body = await request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise AuthError(400, "bad_json", "Could not parse request body as JSON")
    return body


def _bearer(service: AuthService) -> tuple[User, Session]:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token")
    return service.authenticate(token)


def _error_body(error: AuthError) -> dict[str, Any]:
    # Clients that name an API version of 2024 or later get the newer shape.
    if request.headers.get("X-Supabase-Api-Version", "") >= _NEW_ERRORS_SINCE:
        return {"code": error.code, "message": error.message, **error.more}
    return {
        "code": error.status,
        "error_code": error.code,
        "msg": error.message,
        **error.more,
    }
