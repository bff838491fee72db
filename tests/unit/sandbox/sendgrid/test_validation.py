"""What is wrong with a mail, field by field."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from sandbox.sendgrid.errors import MailError
from sandbox.sendgrid.payload import read_payload
from sandbox.sendgrid.validation import problems

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATEST = int(NOW.timestamp()) + 72 * 3600
GOOD: dict[str, Any] = {
    "personalizations": [{"to": [{"email": "ann@example.com"}]}],
    "from": {"email": "talking@example.com"},
    "subject": "Hello",
    "content": [{"type": "text/plain", "value": "x"}, {"type": "text/html", "value": "<p>x"}],
}


def person(**fields: Any) -> dict[str, Any]:
    return {"personalizations": [{"to": [{"email": "ann@example.com"}], **fields}]}


def fields(**changes: Any) -> list[str | None]:
    payload = read_payload(msgspec.json.encode({**GOOD, **changes}))
    return [problem.field for problem in problems(payload, NOW)]


def crowd(count: int) -> list[dict[str, str]]:
    return [{"email": f"p{n}@example.com"} for n in range(count)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"subject": "", **person(subject="Mine")},
        {"personalizations": [{"to": crowd(1000)}]},
        {"categories": [str(n) for n in range(10)]},
        {"custom_args": {"a": "x" * 9_999}},
        {"headers": {"List-Unsubscribe": "<http://x>"}, "asm": {"group_id": 1}},
        {"send_at": LATEST},
        {"content": [*GOOD["content"], {"type": "text/calendar", "value": "x"}]},
    ],
)
def test_a_good_mail_has_no_problems(changes: dict[str, Any]) -> None:
    assert fields(**changes) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{"to": []}]}, "personalizations.0.to"),
        ({"personalizations": [{"to": crowd(500)}, {"to": crowd(501)}]}, "personalizations"),
        ({"personalizations": [{"to": [{"email": "a b@example.com"}]}]},
         "personalizations.0.to.0.email"),
        (person(cc=[{"email": "bob"}]), "personalizations.0.cc.0.email"),
        (person(bcc=[{"email": "ANN@example.com"}]), "personalizations.0"),
        (person(headers={"Subject": "x"}), "personalizations.0.headers.Subject"),
        (person(send_at=LATEST + 1), "personalizations.0.send_at"),
        (person(custom_args={"a": "é" * 5_000}), "custom_args"),
        ({"from": {}}, "from.email"),
        ({"from": {"email": "talking"}}, "from.email"),
        ({"reply_to": {"email": "x"}}, "reply_to.email"),
        ({"reply_to_list": [{"email": "x"}]}, "reply_to_list.0.email"),
        ({"subject": ""}, "subject"),
        ({"content": []}, "content"),
        ({"content": GOOD["content"][::-1]}, "content"),
        ({"content": [GOOD["content"][0]] * 2}, "content"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
        ({"content": [{"type": "", "value": "x"}]}, "content.0.type"),
        ({"template_id": "d-1"}, "template_id"),
        ({"attachments": [{"content": "eA=="}]}, "attachments.0.filename"),
        ({"attachments": [{"content": "é", "filename": "x"}]}, "attachments.0.content"),
        ({"attachments": [{"content": "", "filename": "x"}]}, "attachments.0.content"),
        ({"headers": {"X-A": "a\r\nBcc: b"}}, "headers"),
        ({"headers": {"X A": "a"}}, "headers"),
        ({"categories": [str(n) for n in range(11)]}, "categories"),
        ({"categories": ["a", "a"]}, "categories"),
        ({"categories": ["x" * 256]}, "categories"),
        ({"custom_args": {"a": "x" * 10_000}}, "custom_args"),
        ({"send_at": LATEST + 1}, "send_at"),
    ],
)  # fmt: skip
def test_a_problem_names_its_field(changes: dict[str, Any], field: str) -> None:
    assert fields(**changes) == [field]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", None),
        (b"[]", None),
        (b'{"subject": 1}', "subject"),
        (b'{"personalizations": [{"to": [{"email": 5}]}]}', "personalizations.0.to.0.email"),
        (b'{"custom_args": {"n": 1}}', "custom_args"),
        (b'{"from": "ann@example.com"}', "from"),
    ],
)
def test_a_wrong_type_is_refused(body: bytes, field: str | None) -> None:
    with pytest.raises(MailError) as refused:
        read_payload(body)
    assert (refused.value.status, refused.value.problems[0].field) == (400, field)
