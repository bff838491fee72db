"""The sign-in service's HTTP interface, `/auth/v1/...`, as Supabase's own clients expect it.

Parses, asks the service, answers. Open to browsers of any origin, as Supabase is; every path but
the public ones wants one of the project's API keys.
"""

import hmac
import uuid
from typing import Any, cast

from quart import Blueprint, Response, jsonify, redirect, request

from sandbox.core.settings import Settings
from sandbox.supabase import factors, passwordless
from sandbox.supabase.admin_rest import add_admin
from sandbox.supabase.errors import AuthError
from sandbox.supabase.service import AuthService
from sandbox.supabase.store import Session, User
from sandbox.supabase.users import identity_id, user_json

_PUBLIC = frozenset({"auth.jwks", "auth.health", "auth.follow"})
_NEW_ERRORS_SINCE = "2024-01-01"


def auth_blueprint(service: AuthService, settings: Settings) -> Blueprint:
    """Routes of the sign-in service."""
    blueprint = Blueprint("auth", __name__, url_prefix="/auth/v1")
    _add_gateway(blueprint, settings)
    _add_tokens(blueprint, service)
    _add_codes(blueprint, service)
    _add_user(blueprint, service)
    _add_factors(blueprint, service)
    add_admin(blueprint, service, settings, _body)
    _add_public(blueprint, service)
    _add_unknown(blueprint)
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
        known = any(hmac.compare_digest(given.encode(), key.encode()) for key in keys)
        if request.endpoint in _PUBLIC or known:
            return None
        message = "Invalid API key" if given else "No API key found in request"
        return jsonify({"message": message, "hint": "Send the `apikey` header."}), 401

    @blueprint.after_request
    async def allow_browsers(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, DELETE, OPTIONS"
        asked = request.headers.get("Access-Control-Request-Headers", "*")
        response.headers["Access-Control-Allow-Headers"] = asked
        response.headers["Access-Control-Expose-Headers"] = "X-Total-Count, Link"
        response.headers["x-supabase-api-version"] = _NEW_ERRORS_SINCE
        return response


def _add_tokens(blueprint: Blueprint, service: AuthService) -> None:
    @blueprint.post("/signup")
    async def sign_up() -> Response:
        return jsonify(await service.sign_up(await _body(), _leads()))

    @blueprint.post("/token")
    async def token() -> Response:
        match request.args.get("grant_type"):
            case "password":
                return jsonify(await service.sign_in(await _body()))
            case "refresh_token":
                return jsonify(await service.refresh(await _body()))
            case "pkce":
                return jsonify(await service.exchange(await _body()))
            case "id_token" | "web3":
                raise AuthError(400, "provider_disabled", "Provider is not enabled")
            case _:
                raise AuthError(400, "validation_failed", "unsupported_grant_type")

    @blueprint.get("/authorize")
    async def authorize() -> Response:
        raise AuthError(400, "validation_failed", "Unsupported provider: provider is not enabled")

    @blueprint.post("/sso")
    async def sso() -> Response:
        raise AuthError(404, "saml_provider_disabled", "SAML 2.0 is disabled")


def _add_codes(blueprint: Blueprint, service: AuthService) -> None:
    @blueprint.post("/recover")
    async def recover() -> Response:
        passwordless.recover(service, await _body(), _leads())
        return jsonify({})

    @blueprint.post("/otp")
    @blueprint.post("/magiclink")
    async def otp() -> Response:
        sent = await passwordless.otp(service, await _body(), _leads())
        return jsonify({} if sent.link else {"message_id": f"SM{uuid.uuid4().hex}"})

    @blueprint.post("/resend")
    async def resend() -> Response:
        passwordless.resend(service, await _body(), _leads())
        return jsonify({})

    @blueprint.post("/verify")
    async def verify() -> Response:
        return jsonify(passwordless.verify(service, await _body()))

    @blueprint.get("/verify")
    async def follow() -> Response:
        asked = request.args
        kind, hashed = asked.get("type", ""), asked.get("token_hash") or asked.get("token", "")
        page = passwordless.follow_link(service, hashed, kind, asked.get("redirect_to", ""))
        return cast(Response, redirect(page, 303))


def _add_user(blueprint: Blueprint, service: AuthService) -> None:
    @blueprint.get("/user")
    async def user() -> Response:
        return jsonify(user_json(_bearer(service)[0]))

    @blueprint.put("/user")
    async def update() -> Response:
        user, session = _bearer(service)
        return jsonify(user_json(await service.update(user, session, await _body(), _leads())))

    @blueprint.get("/reauthenticate")
    async def reauthenticate() -> Response:
        service.codes.send(_bearer(service)[0], "reauthentication")
        return jsonify({})

    @blueprint.post("/logout")
    async def log_out() -> tuple[str, int]:
        user, session = _bearer(service)
        match request.args.get("scope", "global"):
            case "global":
                service.store.end_sessions(user.id)
            case "local":
                service.store.end_session(session.id)
            case "others":
                service.store.end_sessions(user.id, but=session.id)
            case scope:
                raise AuthError(400, "validation_failed", f'Unsupported logout scope "{scope}"')
        return "", 204

    @blueprint.get("/user/identities/authorize")
    async def link_identity() -> Response:
        _bearer(service)
        raise AuthError(404, "manual_linking_disabled", "Manual linking is disabled")

    @blueprint.delete("/user/identities/<identity>")
    async def unlink(identity: str) -> Response:
        user = _bearer(service)[0]
        held = {identity_id(user, one): one for one in ("email", "phone") if getattr(user, one)}
        if identity not in held:
            raise AuthError(422, "identity_not_found", "Identity doesn't exist")
        if len(held) == 1:
            raise AuthError(
                422,
                "single_identity_not_deletable",
                "User must have at least 1 identity after unlinking",
            )
        setattr(user, held[identity], "")
        service.touch(user)
        return jsonify({})


def _add_factors(blueprint: Blueprint, service: AuthService) -> None:
    @blueprint.post("/factors")
    async def enroll() -> Response:
        user, session = _bearer(service)
        return jsonify(factors.enroll(service, user, session, await _body()))

    @blueprint.post("/factors/<factor_id>/challenge")
    async def challenge(factor_id: str) -> Response:
        return jsonify(factors.challenge(service, _bearer(service)[0], factor_id))

    @blueprint.post("/factors/<factor_id>/verify")
    async def verify_factor(factor_id: str) -> Response:
        user, session = _bearer(service)
        return jsonify(factors.verify(service, user, session, factor_id, await _body()))

    @blueprint.delete("/factors/<factor_id>")
    async def unenroll(factor_id: str) -> Response:
        user, session = _bearer(service)
        factors.unenroll(service, user, session, factor_id)
        return jsonify({"id": factor_id})


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
                "mailer_autoconfirm": not service.confirms,
                "phone_autoconfirm": not service.confirms,
                "sms_provider": "twilio",
                "saml_enabled": False,
            }
        )

    @blueprint.get("/health")
    async def health() -> Response:
        return jsonify({"name": "GoTrue", "description": "A make-believe sign-in service"})


def _add_unknown(blueprint: Blueprint) -> None:
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]

    @blueprint.route("/", defaults={"path": ""}, methods=every)
    @blueprint.route("/<path:path>", methods=every)
    async def unknown(path: str) -> Response:
        raise AuthError(404, "not_found", f"There is no {request.method} /{path}")


async def _body() -> dict[str, Any]:
    body = await request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise AuthError(400, "bad_json", "Could not parse request body as JSON")
    return body


def _leads() -> str:
    return request.args.get("redirect_to", "")


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
