"""The live channel's document knows every event the code sends and every command it takes."""

import ast
import re
from pathlib import Path
from typing import Any

from server.dashboard import asyncapi, commands, subscriptions
from server.dashboard.events import EVENTS
from server.live import messages

ROOT = Path(__file__).parents[2]
FAMILIES = (
    "call|lane|transcript|turn|tool|ai|takeover|listen|sms|conv|email|usage|limit|plan|node|note|"
    "operator|engine|timer|dtmf|transfer|audio"
)
TYPE = re.compile(rf"({FAMILIES})(\.[a-z_]+)+|server\.notice")
MADE_UP = {
    "server/texts/delivery.py",
    "server/cluster/heartbeat.py",
}  # f"sms.{word}", f"node.{state}"


def literals() -> dict[str, str]:
    """Every text in the code that looks like an event's type, and where it stands."""
    found = {}
    for folder in ("server", "media"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name == "events.py" and path.parent.name == "dashboard":
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                text = node.value if isinstance(node, ast.Constant) else None
                if isinstance(text, str) and TYPE.fullmatch(text):
                    found[text] = str(path.relative_to(ROOT))
    return found


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [each for one in value.values() for each in references(one)]
    if isinstance(value, list):
        return [each for one in value for each in references(one)]
    return []


def test_every_event_the_code_sends_is_documented() -> None:
    known = set(EVENTS) | set(asyncapi.all_commands())
    unknown = {kind: path for kind, path in literals().items() if kind not in known}
    assert unknown == {}


def test_every_documented_event_is_sent_somewhere() -> None:
    made_up = {"sms.delivered", "node.up", "node.draining", "node.stopped", "node.lost"}
    assert set(EVENTS) - set(literals()) == made_up
    for name in MADE_UP:
        assert re.search(r'f"(sms|node)\.\{', (ROOT / name).read_text())


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
