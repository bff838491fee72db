"""What may be written of an agent's own tools, and which secrets they have."""

from typing import Any

import pytest
from msgspec.structs import replace

from db.agents import AgentTool, AgentValues
from server.agents.actions import checked
from server.agents.tools import fresh, kept
from server.agents.wire import HttpTool
from server.core.config import load
from server.core.errors import AppError

CONFIG = load(
    None,
    {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32, "TALKING_TOOLS__ALLOWED_HOSTS": "shop.example.com"},
)
SCHEMA = {"type": "object", "properties": {"id": {"type": "integer"}}}
URL = "https://shop.example.com/orders"
TOOL = AgentTool("find_order", "Finds an order.", SCHEMA, URL, 5.0, "One moment.", "whsec_YQ==")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"url": "http://shop.example.com/orders"}, "https"),
        ({"url": "https://other.example.com/"}, "tools.allowed_hosts"),
        ({"url": "https://shop.example.com.evil.example/"}, "tools.allowed_hosts"),
        ({"url": "https://shop.example.com@evil.example/"}, "user"),
        ({"url": "https://127.0.0.1/"}, "public internet"),
        ({"parameters": {"type": "string"}}, "schema"),
        ({"parameters": {}}, "schema"),
        ({"parameters": {**SCHEMA, "title": "a" * 8192}}, "bytes"),
        ({"parameters": {**SCHEMA, "oneOf": []}}, "oneOf"),
        ({"parameters": {**SCHEMA, "properties": {"id": {"pattern": "(a+)+$"}}}}, "pattern"),
        ({"parameters": {**SCHEMA, "properties": {"id": {"type": "uuid"}}}}, "type"),
        ({"name": "end_call"}, "name of its own"),
        ({"description": " "}, "description"),
        ({"filler": "One\x07moment"}, "filler"),
    ],
)
def test_a_refusal_says_what_is_wrong(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(AppError) as refused:
        checked(CONFIG, AgentValues("Ann", tools=(replace(TOOL, **changes),)))
    assert refused.value.code == "bad_request"
    assert why in refused.value.detail


def test_two_of_a_name_are_refused_and_by_itself_no_host_is_allowed() -> None:
    nowhere = load(None, {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32})
    assert checked(CONFIG, AgentValues("Ann", tools=(TOOL,))).tools == (TOOL,)
    for config, tools in ((CONFIG, (TOOL, TOOL)), (nowhere, (TOOL,))):
        with pytest.raises(AppError):
            checked(config, AgentValues("Ann", tools=tools))


def test_numbers_are_kept_in_one_form_and_only_those_that_may_be_called() -> None:
    found = checked(CONFIG, AgentValues("Ann", transfer_to=("+1 212 555 0199", "+12125550199")))
    assert found.transfer_to == ("+12125550199",)
    with pytest.raises(AppError) as refused:
        checked(CONFIG, AgentValues("Ann", transfer_to=("+442079460018",)))
    assert refused.value.code == "country_not_allowed"


def test_a_tool_keeps_its_secret_by_its_name_and_a_new_one_is_shown_once() -> None:
    given = [
        HttpTool(name, "Finds an order.", SCHEMA, URL) for name in ("find_order", "find_invoice")
    ]
    before = kept(given[:1], ())
    after = kept(given, before)
    assert after[0].secret == before[0].secret
    assert fresh(before, ()) == {"find_order": before[0].secret}
    assert fresh(after, before) == {"find_invoice": after[1].secret}
    assert after[1].secret.startswith("whsec_")
