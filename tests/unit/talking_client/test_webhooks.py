"""Signatures that the product makes are proven by the client, and no others."""

import base64

import pytest
from talking_client.errors import WebhookRefusedError
from talking_client.webhooks import verify

from server.webhooks import signing

BODY = (
    b'{"type":"call.ended","timestamp":"2026-11-29T16:00:00.000Z","subject":"call:1",'
    b'"seq":17,"rev":9,"data":{"call":{}}}'
)
AT = 1_800_000_000
SECRET, OTHER = signing.new_secret(), signing.new_secret()
HEADERS = signing.headers("msg_1", AT, BODY, [OTHER, SECRET])


def test_a_message_signed_by_either_secret_is_read() -> None:
    for secret in (SECRET, OTHER):
        event = verify(secret, {name.title(): text for name, text in HEADERS.items()}, BODY, AT + 9)
        assert (event.id, event.type, event.seq, event.data) == (
            "msg_1", "call.ended", 17, {"call": {}},
        )  # fmt: skip


@pytest.mark.parametrize(
    ("secret", "changed", "body", "now"),
    [
        (signing.new_secret(), {}, BODY, AT),
        (SECRET, {"webhook-id": "msg_2"}, BODY, AT),
        (SECRET, {"webhook-timestamp": str(AT + 1)}, BODY, AT),
        (SECRET, {"webhook-timestamp": "soon"}, BODY, AT),
        (SECRET, {"webhook-signature": "v1,"}, BODY, AT),
        (SECRET, {"webhook-signature": "v2,ü"}, BODY, AT),
        (SECRET, {}, BODY + b" ", AT),
        (SECRET, {}, BODY, AT + 301),
        (SECRET, {}, BODY, AT - 301),
        ("whsec_!", {}, BODY, AT),
    ],
    ids=["another-secret", "another-id", "another-time", "no-time", "empty", "umlaut",
         "another-body", "late", "early", "no-secret"],
)  # fmt: skip
def test_anything_else_is_refused(
    secret: str, changed: dict[str, str], body: bytes, now: float
) -> None:
    with pytest.raises(WebhookRefusedError):
        verify(secret, {**HEADERS, **changed}, body, now)


def test_a_missing_header_and_a_body_that_is_no_event_are_refused() -> None:
    with pytest.raises(WebhookRefusedError, match="webhook-id"):
        verify(SECRET, {}, BODY, AT)
    with pytest.raises(WebhookRefusedError, match="no event"):
        verify(SECRET, signing.headers("msg_1", AT, b"{}", [SECRET]), b"{}", AT)


@pytest.mark.parametrize("secret", ["", signing.PREFIX])
def test_who_has_no_secret_takes_nothing(secret: str) -> None:
    with pytest.raises(WebhookRefusedError, match="empty"):
        verify(secret, signing.headers("msg_1", AT, BODY, [secret]), BODY, AT)


def test_a_secret_is_what_follows_its_prefix() -> None:
    raw = SECRET.removeprefix(signing.PREFIX)
    assert base64.b64decode(raw)
    assert verify(raw, HEADERS, BODY, AT).type == "call.ended"
