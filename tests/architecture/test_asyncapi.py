"""The live channel's document knows every event the code sends and every command it takes."""

import ast
from pathlib import Path
from typing import Any

from media.published import Published
from server.dashboard import asyncapi, commands, subscriptions
from server.dashboard.events import ALL_EVENTS, EVENTS
from server.live import messages

ROOT = Path(__file__).parents[2]


def kinds(base: type) -> set[type]:
    """All Structs of events below this one that have a type of their own."""
    found: set[type] = set()
    kind: type
    for kind in base.__subclasses__():
        found |= {kind, *kinds(kind)} if "type" in vars(kind) else kinds(kind)
    return found


def mentions() -> set[str]:
    """Every name that the code reads, outside the list of all events."""
    found = set()
    for folder in ("server", "media"):
        for path in (ROOT / folder).rglob("*.py"):
            if path == ROOT / "server/dashboard/events.py":
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Name):
                    found.add(node.id)
                elif isinstance(node, ast.Attribute):
                    found.add(node.attr)
    return found


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [each for one in value.values() for each in references(one)]
    if isinstance(value, list):
        return [each for one in value for each in references(one)]
    return []


def test_every_event_of_a_room_is_documented() -> None:
    assert kinds(Published) == set(ALL_EVENTS)
    assert len(EVENTS) == len(ALL_EVENTS)


def test_every_documented_event_is_sent_somewhere() -> None:
    assert {event.__name__ for event in ALL_EVENTS} <= mentions()


def test_every_command_is_documented_with_its_arguments() -> None:
    described = asyncapi.document()["x-commands"]
    assert set(described) == {*commands.COMMANDS, *subscriptions.COMMANDS}
    assert all(one["args"]["$ref"] for one in described.values())


def test_every_close_code_is_documented() -> None:
    codes = {value for value in vars(messages).values() if isinstance(value, int) and value > 1000}
    assert codes == set(asyncapi.CLOSES)


def test_all_that_the_document_refers_to_is_in_it() -> None:
    document = asyncapi.document()
    assert document["asyncapi"] == "3.0.0"
    for reference in set(references(document)):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_each_message_has_an_operation_in_its_direction_and_a_command_its_reply() -> None:
    document = asyncapi.document()
    actions = {name: one["action"] for name, one in document["operations"].items()}
    assert all(name.startswith(action) for name, action in actions.items())
    assert len(actions) == len(document["components"]["messages"])
    reply = document["operations"]["receiveCommand"]["reply"]
    assert reply["messages"] == [{"$ref": "#/channels/live/messages/Ack"}]
