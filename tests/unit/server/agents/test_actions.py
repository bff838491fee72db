"""What may be written of an agent."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs
from msgspec.structs import replace

from db.agents import AgentRow, AgentValues
from server.agents.actions import checked
from server.agents.store import talking
from server.core.config import load
from server.core.errors import AppError

CONFIG = load(None, {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " \t"),
        ("name", "a" * 61),
        ("instructions", "be \x07 loud"),
        ("instructions", "a" * 8001),
        ("greeting", "  "),
        ("greeting", "Hello \x1b[31m"),
        ("greeting", "a" * 601),
        ("voice", "nobody"),
        ("limit_seconds", 181),
        ("voicemail_message", "call \x00 me"),
    ],
)
def test_a_refusal_names_the_field(field: str, value: Any) -> None:
    given = {"name": "Ann", field: value}
    with pytest.raises(AppError) as refused:
        checked(CONFIG, AgentValues(**given))
    assert refused.value.code == "bad_request"
    assert f"`{field}`" in refused.value.detail


def test_what_is_spoken_is_one_line_and_instructions_are_lines() -> None:
    found = checked(
        CONFIG,
        AgentValues(
            "  Ann  of Town ", "Be kind.  \r\nBe brief.\n", " Hello,\n it is me. ", "hibari",
            voicemail_message="\nCall\tback.",
        ),
    )  # fmt: skip
    assert found == AgentValues(
        "Ann of Town", "Be kind.\nBe brief.", "Hello, it is me.", "hibari",
        voicemail_message="Call back.",
    )  # fmt: skip


def test_what_is_left_open_stays_open_and_no_message_is_none() -> None:
    assert checked(CONFIG, AgentValues("Ann")) == AgentValues("Ann")
    found = checked(CONFIG, AgentValues("Ann", " \n", voicemail_message="  "))
    assert (found.instructions, found.voicemail_message) == ("", "")


TELLING = {
    "TALKING_TWILIO__AUTH_TOKEN": "a" * 32, "TALKING_DEEPGRAM__API_KEY": "k",
    "TALKING_ELEVENLABS__API_KEY": "k", "TALKING_THINKER__ENGINE": "scripted",
    "TALKING_SPEECH__RECOGNISER": "deepgram,scripted", "TALKING_SPEECH__VOICE": "elevenlabs",
}  # fmt: skip


def test_an_agent_follows_its_caller_where_ears_tell_languages() -> None:
    config = load(None, TELLING)
    given = AgentValues("Ann", language="es", follows_caller=True)
    assert checked(config, given) == given
    for there, values, told in (
        (CONFIG, given, "moonshine cannot tell which language is spoken"),
        (config, replace(given, recogniser="scripted"), "scripted cannot tell"),
        (load(None, TELLING | {"TALKING_SPEECH__VOICE": "deepgram"}), replace(given, language="en"),
         "can be in en only"),
    ):  # fmt: skip
        with pytest.raises(AppError) as refused:
            checked(there, values)
        assert refused.value.code == "bad_request"
        assert told in refused.value.detail


def test_a_call_follows_its_caller_while_ears_tell_languages() -> None:
    values = AgentValues("Ann", "Be kind.", language="es", follows_caller=True)
    now = datetime(2026, 12, 1, tzinfo=UTC)
    fields = structs.asdict(values) | {
        "id": uuid.uuid4(), "slug": "ann", "rev": 1, "created_at": now, "updated_at": now,
        "deleted_at": None,
    }  # fmt: skip
    row = AgentRow(**fields)
    follows, stays = talking(row, load(None, TELLING)), talking(row, CONFIG)
    assert (follows.language, follows.languages) == ("es", ("de", "en", "es", "fr"))
    assert follows.instructions == "Be kind."
    assert (stays.language, stays.languages) == ("es", ())
    assert stays.instructions == "Be kind.\nYour language is Spanish."
