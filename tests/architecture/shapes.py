"""Which shapes the clients have, and the descriptions they are written from. Knows no language.

Values that we answer with are open (a new word is no fault of an old client); values that a client
sends are not.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import msgspec

from tests.architecture import names

WRITTEN = "Written from the API's description; never edited."
SENT = ("StartCall", "ScheduleCall", "ScheduleBatch", "Say", "StartConversation", "WriteText",
        "SendEmail", "WriteNote", "MakeWebhook", "ChangeWebhook", "RotateSecret")  # fmt: skip
ANSWERED = ("CallExpanded", "CallOut", "CallPage", "ScheduledCallOut",
            "ScheduledCallPage", "ScheduledBatch", "Transcript", "CallAnnotations", "CallTags",
            "NoteOut", "UsedTags", "Done", "ConversationOut",
            "ConversationPage", "Thread", "MessageOut", "EmailOut", "EmailPage", "UsageOut", "Me",
            "Webhooks", "WebhookOut", "WebhookShown", "Deliveries", "DeliveryOut",
            "Deleted")  # fmt: skip
LISTS = {"CallFilters": "/v1/calls", "ScheduledCallFilters": "/v1/scheduled-calls",
         "ConversationFilters": "/v1/conversations",
         "EmailFilters": "/v1/emails",
         "DeliveryFilters": "/v1/webhooks/{webhook_id}/deliveries"}  # fmt: skip
MOMENTS = {"since", "until"}
TAGGED = ("Welcome", "Snapshot", "Event", "At", "Ack", "Ping", "Resync")
MOST_WORDS = 16  # of more, a list in the source helps nobody

Json: TypeAlias = dict[str, Any]


class Contract(msgspec.Struct, frozen=True):
    """What both descriptions say: schemas by name, the operations of the lists by the name of
    their filters, the shape of each event's data, and those that both descriptions have."""

    version: str
    live_version: str
    digest: str
    schemas: Json
    live_schemas: Json
    lists: Json
    events: dict[str, str]
    shared: list[str]


def contract() -> Contract:
    """The contract as the code has it now."""
    rest, live = names.served("/openapi.json"), names.served("/asyncapi.json")
    pinned = json.dumps([names.openapi(), names.asyncapi()], sort_keys=True)
    schemas, live_schemas = rest["components"]["schemas"], live["components"]["schemas"]
    return Contract(
        version=rest["info"]["version"],
        live_version=live["info"]["version"],
        digest=hashlib.sha256(pinned.encode()).hexdigest()[:32],
        schemas=schemas,
        live_schemas=live_schemas,
        lists={name: rest["paths"][path]["get"] for name, path in LISTS.items()},
        events={
            name: str(event["data"]["$ref"].rpartition("/")[2])
            for name, event in live["x-events"].items()
            if not name.startswith("node.")  # administrators'
        },
        shared=[
            name for name in reached(schemas, ANSWERED) if live_schemas.get(name) == schemas[name]
        ],
    )


def reached(schemas: Json, wanted: Iterable[str], known: Sequence[str] = ()) -> list[str]:
    """These shapes and all that they name, each after what it names, without those known."""
    found: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in found:
            for other in _named(schemas[name]):
                visit(other)
            found[name] = None

    for name in wanted:
        visit(name)
    return [name for name in found if name not in known]


def _named(schema: Any) -> Iterator[str]:
    values: Iterable[Any] = schema if isinstance(schema, list) else ()
    if isinstance(schema, dict):
        values = schema.values()
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rpartition("/")[2]
    for value in values:
        yield from _named(value)


def told(name: str, schema: Json) -> str:
    """What a shape is, on one line."""
    return " ".join(schema.get("description", f"{name}.").split())


def filters(operation: Json) -> Iterator[Json]:
    """A list's parameters that say which rows, and how."""
    for one in operation["parameters"]:
        if one["in"] == "query" and one["name"] != "cursor":
            yield one
