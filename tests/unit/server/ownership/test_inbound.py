"""What callers hear who are not talked with."""

import pytest

from server.core.config import Config, load
from server.core.errors import KINDS
from server.ownership.inbound import sentence
from server.vendors.twilio import twiml


@pytest.fixture(scope="module")
def config() -> Config:
    return load(None, {"TALKING_INBOUND__BUSY": "Later, please."}, calls=False)


def test_there_is_a_sentence_for_every_refusal(config: Config) -> None:
    told = config.inbound
    for code in KINDS:
        said = sentence(config, code)
        assert said in {told.over_plan, told.stranger, told.busy}
        assert (said == told.over_plan) is (code == "plan_limit")
    assert sentence(config, "at_capacity") == "Later, please."


def test_a_busy_line_is_not_answered() -> None:
    assert '<Reject reason="busy" />' in twiml.reject()
