"""The live channel described by itself: AsyncAPI 3.0, from the structs frames are checked with.

One channel; one operation per message in each direction, a command's with its ack as the reply,
found by id. What an event's `data` is, and what a command takes, is in their own tables.
"""

from typing import Any

import msgspec
from quart import Blueprint, Response

from media.published import Published
from server.core.errors import KINDS
from server.dashboard import commands, subscriptions
from server.dashboard.events import ALL_EVENTS
from server.live import messages
from server.live.messages import Ack, Command, Hello, Pong, Resume

_IN: tuple[type[msgspec.Struct], ...] = (Hello, Pong, Resume, Command)
_OUT: tuple[type[msgspec.Struct], ...] = (
    messages.Welcome, messages.Snapshot, messages.Event, messages.At, Ack, messages.Ping,
    messages.Resync,
)  # fmt: skip
CLOSES = {
    messages.FAILED: "something is wrong here, the database away perhaps; come back",
    messages.DRAINING: "this server stops; come back",
    messages.SLOW: "reads too slowly; come back",
    messages.NO_HEARTBEAT: "no answer to ping; come back",
    messages.TOKEN_EXPIRED: "refresh the token and come back",
    messages.RIGHTS_CHANGED: "a topic is no longer yours; come back without it",
    messages.TOO_FAST: "too many requests; come back later",
    messages.PROTOCOL_ERROR: "a frame that cannot be read; stay away",
    messages.UNAUTHENTICATED: "no valid ticket or token; stay away",
    messages.FORBIDDEN: "a topic you may not watch; stay away",
    messages.WRONG_VERSION: "another protocol or version; stay away",
    messages.TOO_MANY_SOCKETS: "close another dashboard first; stay away",
    messages.ACCOUNT_CLOSED: "the account was deleted; stay away",
}


def all_commands() -> dict[str, tuple[type[msgspec.Struct], Any]]:
    """Every command of the channel with its arguments."""
    return {**commands.COMMANDS, **subscriptions.COMMANDS}


def document() -> dict[str, Any]:
    """The AsyncAPI document."""
    args = {name: kind for name, (kind, _) in all_commands().items()}
    shapes = {event.schema: _shape(event) for event in ALL_EVENTS}
    kinds = [*_IN, *_OUT, *shapes.values(), *args.values()]
    schemas, components = msgspec.json.schema_components(
        kinds, ref_template="#/components/schemas/{name}"
    )
    by_kind = dict(zip(kinds, schemas, strict=True))
    for schema, kind in shapes.items():
        components[schema] = {**components.pop(kind.__name__), "title": schema}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Talking App: live",
            "version": str(messages.VERSION),
            "description": _description(),
        },
        "defaultContentType": "application/json",
        "channels": {
            "live": {
                "address": "/live",
                "messages": {
                    kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"}
                    for kind in (*_IN, *_OUT)
                },
                "bindings": {"ws": {"method": "GET"}},
            }
        },
        "operations": {
            **{f"receive{kind.__name__}": _operation("receive", kind) for kind in _IN},
            **{f"send{kind.__name__}": _operation("send", kind) for kind in _OUT},
        },
        "components": {
            "messages": {kind.__name__: _message(kind, by_kind[kind]) for kind in (*_IN, *_OUT)},
            "schemas": components,
            "correlationIds": {"command": {"location": "$message.payload#/id"}},
        },
        "x-events": {
            event.type: {
                "tells": event.tells,
                "passing": event.ephemeral,
                "data": {"$ref": f"#/components/schemas/{event.schema}"},
            }
            for event in ALL_EVENTS
        },
        "x-commands": {name: {"args": by_kind[kind]} for name, kind in args.items()},
        "x-close-codes": {str(code): reason for code, reason in CLOSES.items()},
        "x-errors": {
            code: {"title": kind.title, "do": kind.do, "retry": kind.retry}
            for code, kind in KINDS.items()
        },
    }


def _shape(event: type[Published]) -> type[msgspec.Struct]:
    """The Struct that has the event's fields: the one its schema is named after, or its own."""
    return next((base for base in event.__mro__ if base.__name__ == event.schema), event)


def _operation(action: str, kind: type[msgspec.Struct]) -> dict[str, Any]:
    channel = {"$ref": "#/channels/live"}
    operation: dict[str, Any] = {
        "action": action,
        "channel": channel,
        "summary": _says(kind),
        "messages": [_of_channel(kind)],
    }
    if kind is Command:
        operation["reply"] = {"channel": channel, "messages": [_of_channel(Ack)]}
    return operation


def _of_channel(kind: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": f"#/channels/live/messages/{kind.__name__}"}


def _message(kind: type[msgspec.Struct], schema: dict[str, Any]) -> dict[str, Any]:
    message = {"name": kind.__struct_config__.tag, "summary": _says(kind), "payload": schema}
    if kind in {Command, Ack}:
        message["correlationId"] = {"$ref": "#/components/correlationIds/command"}
    return message


def _says(kind: type[msgspec.Struct]) -> str:
    return (kind.__doc__ or "").split("\n\n", maxsplit=1)[0].replace("\n    ", " ")


def _description() -> str:
    return (
        f"Websocket, sub-protocol {messages.PROTOCOL}; text frames, one JSON object a line. "
        "Topics: me, call:<id>, conv:<id>; for administrators user:<id>, all, fleet. A topic "
        "begins with a snapshot as of its number, or with all events after the client's cursor. "
        "me and user:<id> are numbered without gaps; call:<id> and conv:<id> are a part of that "
        "stream with its numbers (`filtered`); all has a numbering of its own; fleet has none, "
        "and its events may vanish. Where no websocket gets through: GET /v1/events?topic=me sends "
        "the same as server-sent events (Last-Event-ID is epoch:seq), POST /v1/commands takes a "
        "command and answers with its ack."
    )


def routes() -> Blueprint:
    """`/asyncapi.json`."""
    blueprint = Blueprint("asyncapi", __name__)
    encoded = msgspec.json.encode(document())

    @blueprint.get("/asyncapi.json")
    async def asyncapi() -> Response:
        return Response(encoded, content_type="application/json")

    return blueprint
