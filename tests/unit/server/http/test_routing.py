"""Who cannot sign in is counted by address; a word that is none of those taken is answered."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from quart import Quart

from server.audit import acts
from server.audit.acts import Origin
from server.core.errors import AppError
from server.core.rate_limits import Rates
from server.http.failures import http_refusal
from server.http.paging import PageQuery
from server.http.routing import Nothing, file_type, read_json, read_query, signed_in
from server.webhooks.routes import MakeWebhook


async def refusal(deps: Any, address: str, authorization: str = "") -> AppError:
    headers = {"Remote-Addr": address, "Authorization": authorization}
    async with Quart("test").test_request_context("/", headers=headers):
        with pytest.raises(AppError) as refused:
            await signed_in(deps)
    return refused.value


async def test_an_address_that_is_refused_too_often_is_told_to_wait() -> None:
    deps = SimpleNamespace(strangers=Rates(1, 3), clock=lambda: 0.0)
    codes = [(await refusal(deps, "203.0.113.7", "Basic x")).code for _ in range(4)]
    assert codes == ["unauthenticated"] * 3 + ["rate_limited"]
    assert (await refusal(deps, "203.0.113.7")).extra["retry_after"] == 1
    assert (await refusal(deps, "203.0.113.8")).code == "unauthenticated"


async def test_strangers_behind_a_proxy_of_ours_are_told_apart() -> None:
    deps = SimpleNamespace(strangers=Rates(1, 1), clock=lambda: 0.0)
    codes = []
    for address in (b"one", b"one", b"another"):
        acts.begin(Origin("request", address))
        codes.append((await refusal(deps, "10.0.0.1")).code)
    assert codes == ["unauthenticated", "rate_limited", "unauthenticated"]


@pytest.mark.parametrize(("asked", "called"), [
    ("", "audio/wav"), ("*/*", "audio/wav"), ("audio/wav", "audio/wav"), ("text/html", "audio/wav"),
    ("application/octet-stream", "application/octet-stream"),
    ("application/octet-stream;q=0.2, audio/*", "audio/wav"),
])  # fmt: skip
async def test_a_file_is_called_by_its_type_unless_plain_bytes_are_asked_for(
    asked: str, called: str
) -> None:
    headers = {"Accept": asked} if asked else {}
    async with Quart(__name__).test_request_context("/", headers=headers):
        assert file_type("audio/wav") == called


def test_a_word_that_is_none_of_those_there_are_is_answered_with_them() -> None:
    with pytest.raises(AppError) as refused:
        read_json(b'{"url": "https://x.yz", "types": ["call.ended", "call.busy"]}', MakeWebhook)
    assert "`$.types[1]`, which is one of account.erased, " in refused.value.detail
    with pytest.raises(AppError) as refused:
        read_json(b'{"url": 1}', MakeWebhook)
    assert "one of" not in refused.value.detail


@pytest.mark.parametrize(("query", "kind", "told"), [
    ("limit=1&limit=2", PageQuery, "`limit` may be there once only"),
    ("size=1", PageQuery, "there is no `size`; there are limit, cursor"),
    ("limit=1", Nothing, "there is no `limit`; nothing is taken here"),
])  # fmt: skip
async def test_a_query_that_would_not_be_heeded_is_refused(
    query: str, kind: type[msgspec.Struct], told: str
) -> None:
    async with Quart(__name__).test_request_context(f"/?{query}"):
        with pytest.raises(AppError) as refused:
            read_query(kind)
    assert told in refused.value.detail


def test_a_body_that_is_no_text_is_said_so() -> None:
    with pytest.raises(AppError) as refused:
        read_json(b'{"limit": 1, "cursor": "\xff"}', PageQuery)
    assert refused.value.detail == "The body: a text in it is not UTF-8."


@pytest.mark.parametrize("body", [b'{"limit": 1, "lim\\u0069t": 2}', b'{"limit": 1, "limit": 1}'])
def test_a_member_that_is_there_twice_is_refused(body: bytes) -> None:
    with pytest.raises(AppError) as refused:
        read_json(body, PageQuery)
    assert refused.value.detail == "The body: `limit` may be there once only."


def test_what_the_framework_refuses_says_what_to_do() -> None:
    assert "does not end with a slash" in http_refusal(404, 9).detail
    assert http_refusal(413, 65536).detail == "The body may have 65536 bytes at most."
    assert http_refusal(405, 9).detail == "See the method list in the documentation."
    assert http_refusal(400, 9).code == http_refusal(418, 9).code == "bad_request"
