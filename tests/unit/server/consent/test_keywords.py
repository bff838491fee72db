"""The carrier's keywords, and nothing else."""

import pytest

from server.consent.keywords import keyword


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("STOP", "stop"), ("stop", "stop"), (" Stop ", "stop"), ("StopAll", "stop"),
        ("UNSUBSCRIBE", "stop"), ("END", "stop"), ("quit", "stop"), ("Cancel", "stop"),
        ("REVOKE", "stop"), ("OPTOUT", "stop"), ("START", "start"), ("yes", "start"),
        ("UNSTOP", "start"), ("HELP", "help"), ("info", "help"),
        ("STOP please", None), ("Stop.", None), ("", None), ("yes, gladly", None), ("stopp", None),
    ],
)  # fmt: skip
def test_a_keyword_is_the_whole_message_in_any_case(text: str, found: str | None) -> None:
    assert keyword(text) == found
