"""What may be written of an agent."""

from typing import Any

import pytest

from db.agents import AgentValues
from server.agents.actions import checked
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
