"""What all REST handlers share: a table row per route, and turning requests into calls of it.

Parse, act, reply. Knows no nouns; a handler gets its dependencies, who is asking, and values that
were checked already, and returns something msgspec can encode.
"""

import hashlib
import json
import re
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import msgspec
import structlog
from quart import Quart, Response, request

from server.audit import acts
from server.core.errors import AppError, problem
from server.core.identity.auth import Identity
from server.core.validation import JSON_FAULTS, refuse_nul
from server.http import scopes
from server.http.credentials import identified
from server.http.deps import HttpDeps
from server.http.failures import page
from server.http.idempotency import idempotent

log = structlog.get_logger(__name__)

BYTES = "application/octet-stream"
PROBLEM = "application/problem+json"

Kind = TypeVar("Kind", bound=msgspec.Struct)


class Route(msgspec.Struct, frozen=True):
    """One method and path. `act` takes what was read by name: `body`, `query`, and with `keyed`
    the Idempotency-Key as `key`; without one, the row only describes what a blueprint serves.
    Members of a reply that are `shown_once` are null to whoever repeats the request."""

    method: str
    path: str
    act: Callable[..., Awaitable[Any]] | None
    reply: Any
    summary: str
    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None
    status: int = 200
    keyed: bool = False
    media: str = "application/json"
    shown_once: tuple[str, ...] = ()


class Deleted(msgspec.Struct, frozen=True):
    """It is no more."""

    id: uuid.UUID


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body without members."""


Admit = Callable[[Identity], Awaitable[None]]


def register(app: Quart, deps: HttpDeps, admit: Admit, routes: tuple[Route, ...]) -> None:
    """Serve these routes to whom `admit` lets in."""
    for route in routes:
        if route.act is None:
            continue
        app.add_url_rule(
            route.path,
            endpoint=f"{route.method} {route.path}",
            view_func=_view(deps, admit, route, route.act),
            methods=[route.method],
        )


def _view(
    deps: HttpDeps, admit: Admit, route: Route, do: Callable[..., Awaitable[Any]]
) -> Callable[..., Awaitable[Response]]:
    async def view(**path: uuid.UUID | str) -> Response:
        who = await signed_in(deps)
        await admit(who)
        scopes.require(who, scopes.of_route(route.method, route.path))
        values: dict[str, Any] = dict(path)
        raw = b""
        if route.body is not None:
            raw = await _json_body()
            values["body"] = read_json(raw, route.body)
        query = read_query(route.query or Nothing)
        if route.query is not None:
            values["query"] = query

        key = request.headers.get("Idempotency-Key")
        if route.keyed:
            values["key"] = key

        async def act() -> tuple[int, bytes]:
            return route.status, msgspec.json.encode(await do(deps, who, **values))

        if route.method == "GET":
            return _json(*await act())
        if key is None:
            return _json(*await deps.units.finish(act()))
        fingerprint = _fingerprint(route, path, raw)
        hide = partial(_without, names=route.shown_once) if route.shown_once else None
        may_repeat = route.keyed or route.method in {"PUT", "DELETE"}
        once = idempotent(deps, who, key, fingerprint, act, hide, may_repeat=may_repeat)
        return _json(*await deps.units.finish(once))

    return view


async def signed_in(deps: HttpDeps) -> Identity:
    """Who is asking, by the bearer token or API key. Raises AppError: unauthenticated, and
    rate_limited for an address that was refused too often; whoever has a token is never held up by
    those beside them.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer" or not token:
            raise AppError("unauthenticated")
        who = await identified(deps, token.strip())
    except AppError as refused:
        hashed = acts.origin().address_hash  # of whoever is behind a proxy of ours
        address = (request.remote_addr or "") if hashed is None else hashed.hex()
        wait = deps.strangers.take(address, deps.clock())
        if refused.code != "unauthenticated" or wait == 0:
            raise
        raise AppError("rate_limited", retry_after=max(1, round(wait))) from None
    acts.acting(acts.by(who))
    return who


async def _json_body() -> bytes:
    raw: bytes = await request.get_data(cache=False, as_text=False)  # type: ignore[assignment]
    if raw and (request.mimetype != "application/json" or request.content_encoding):
        raise AppError("unsupported_media_type")
    return raw or b"{}"


def read_json(raw: bytes, kind: type[Kind]) -> Kind:
    """A checked value. Raises AppError("bad_request") that names the field at fault, also one that
    is there twice: which of both was meant, nobody knows (RFC 7493, section 2.3)."""
    try:
        value = msgspec.json.decode(raw, type=kind)
        json.loads(raw, object_pairs_hook=_once)
    except UnicodeError:
        raise AppError("bad_request", "The body: a text in it is not UTF-8.") from None
    except JSON_FAULTS as error:
        raise AppError("bad_request", f"The body: {error}{_choices(kind, str(error))}.") from None
    if rb"\u0000" in raw:  # JSON has no other way to write it
        refuse_nul(msgspec.json.decode(raw), "The body")
    return value


def _once(members: list[tuple[str, object]]) -> None:
    if twice := [name for name, many in Counter(name for name, _ in members).items() if many > 1]:
        raise AppError("bad_request", f"The body: `{twice[0]}` may be there once only.")


def check_address() -> None:
    """Refuse a request whose path or query holds U+0000. Raises AppError("bad_request")."""
    refuse_nul(request.path, "The path")
    refuse_nul(request.args.to_dict(flat=False), "The query")


def read_query(kind: type[Kind]) -> Kind:
    """The request's query, checked. Raises AppError("bad_request"), also for what is given twice
    and for what the address does not take: passed over, both would look as if they were heeded."""
    given = request.args.to_dict(flat=True)
    taken = [field.encode_name for field in msgspec.structs.fields(kind)]
    for name in given:
        if name not in taken:
            there = f"there are {', '.join(taken)}" if taken else "nothing is taken here"
            raise AppError("bad_request", f"The query: there is no `{name}`; {there}.")
        if len(request.args.getlist(name)) > 1:
            raise AppError("bad_request", f"The query: `{name}` may be there once only.")
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise AppError("bad_request", f"The query: {error}{_choices(kind, str(error))}.") from None


def _choices(kind: type, error: str) -> str:
    """What the member that an error names takes, where that is one of a few words, or some."""
    if not error.startswith("Invalid enum value"):
        return ""
    _, components = msgspec.json.schema_components([kind])
    for name, schema in components.get(kind.__name__, {}).get("properties", {}).items():
        kinds = [one.get("items", one) for one in schema.get("anyOf", [schema])]
        words = [word for one in kinds for word in one.get("enum", [])]
        if words and re.search(rf"`\$\.{name}(\[[0-9]+\])?`$", error):
            return f", which is one of {', '.join(words)}"
    return ""


def _fingerprint(route: Route, path: Mapping[str, uuid.UUID | str], raw: bytes) -> str:
    parts = f"{route.method} {route.path} {sorted(path.items())} ".encode() + raw
    return hashlib.sha256(parts).hexdigest()


def _without(body: bytes, names: tuple[str, ...]) -> bytes:
    """An answer as it is kept: what is shown once is not in it."""
    return msgspec.json.encode({**msgspec.json.decode(body), **dict.fromkeys(names)})


def _json(status: int, body: bytes) -> Response:
    return Response(body, status=status, content_type="application/json")


def file_type(media: str) -> str:
    """What a file is called: its own type, unless plain bytes were asked for, as programs may that
    know no other files."""
    return request.accept_mimetypes.best_match([media, BYTES], media)


def problem_reply(error: AppError) -> Response:
    """The problem document (RFC 9457), or for who opens an address in a browser a page of it."""
    if request.accept_mimetypes.best_match([PROBLEM, "text/html"]) == "text/html":
        reply = Response(page(error), error.kind.status, content_type="text/html; charset=utf-8")
    else:
        body = msgspec.json.encode(problem(error))
        reply = Response(body, error.kind.status, content_type=PROBLEM)
    retry_after = error.extra.get("retry_after")
    if retry_after is not None:
        reply.headers["Retry-After"] = str(retry_after)
    if error.code == "bad_range":
        reply.headers["Content-Range"] = f"bytes */{error.extra['size']}"
    if error.kind.status == 401:
        reply.headers["WWW-Authenticate"] = "Bearer"
    return reply
