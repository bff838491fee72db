"""Both clients send the same, again where it helps and under one key, and say what was refused."""

import contextlib
import datetime as dt
import inspect
from collections.abc import Callable
from urllib.parse import quote

import httpx
import msgspec
import pytest
from talking_client import (
    AsyncClient,
    Client,
    ConflictError,
    ConnectionFailedError,
    ProblemError,
    RateLimitedError,
    Retries,
    TalkingError,
    client,
    client_async,
    exchange,
)
from talking_client.models import CallOut

AT_ONCE = Retries(attempts=3, first_pause=0.0, most_pause=1.0)
CALL = {
    "id": "00000000-0000-4000-8000-000000000001", "user_id": "00000000-0000-4000-8000-000000000002",
    "user_phone_number": "+12025550100", "topic": "bread", "twilio_call_sid": None,
    "status": "initiating", "answered_by": None, "initiated_time": None, "ringing_time": None,
    "answered_time": None, "ended_time": None, "duration_seconds": None, "end_reason": None,
    "recording": None, "language": "en",
    "created_at": None, "updated_at": None, "direction": "outbound", "a_member_of_later": 1,
}  # fmt: skip

Answer = Callable[[httpx.Request], httpx.Response]


def refused(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"type": f"/errors/{code}", "title": "No", "status": status, "detail": "Not now.",
            "code": code, "used": 3}  # fmt: skip
    return httpx.Response(status, json=body, headers=headers)


class Server:
    """Answers in turn, the last one again and again; keeps what was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    def client(self) -> Client:
        transport = httpx.MockTransport(self)
        return Client("https://talking.example", "tk", retries=AT_ONCE, transport=transport)

    def client_async(self) -> AsyncClient:
        transport = httpx.MockTransport(self)
        return AsyncClient("https://talking.example", "tk", retries=AT_ONCE, transport=transport)


def test_a_call_is_placed_with_what_was_given_alone() -> None:
    server = Server(httpx.Response(201, json=CALL))
    with server.client() as talking:
        call = talking.calls.place("bread", "+12025550100")
    assert isinstance(call, CallOut)
    assert (call.status, call.topic) == ("initiating", "bread")
    (asked,) = server.asked
    assert (asked.method, asked.url.path) == ("POST", "/v1/calls")
    assert msgspec.json.decode(asked.content) == {"topic": "bread", "to": "+12025550100"}
    assert asked.headers["Authorization"] == "Bearer tk"
    assert asked.headers["Idempotency-Key"]


async def test_a_recording_is_given_as_it_is_and_a_tag_stays_a_part_of_its_path() -> None:
    server = Server(
        httpx.Response(200, content=b"RIFF\x00\xff", headers={"Content-Type": "audio/wav"})
    )
    with server.client() as talking:
        assert talking.calls.recording("id") == b"RIFF\x00\xff"
    tags = {"call_id": str(CALL["id"]), "tags": ["a b/c"]}
    server = Server(httpx.Response(200, json=tags))
    async with server.client_async() as talking_async:
        assert (await talking_async.calls.tag("id", "a b/c")).tags == ["a b/c"]
        await talking_async.calls.untag("id", "a b/c")
    for asked, method in zip(server.asked, ("PUT", "DELETE"), strict=True):
        assert (asked.method, asked.url.raw_path) == (method, b"/v1/calls/id/tags/a%20b%2Fc")


@pytest.mark.parametrize("name", ["../me", "x/../y", "x?expand=1#", "ü"])
def test_an_id_leads_to_nothing_else_whatever_is_in_it(name: str) -> None:
    server = Server(httpx.Response(200, json={}))
    with server.client() as talking, contextlib.suppress(TalkingError):
        talking.calls.hang_up(name)
    [asked] = server.asked
    assert asked.url.raw_path == f"/v1/calls/{quote(name, safe='')}/hangup".encode()


@pytest.mark.parametrize(
    "first",
    [
        httpx.ConnectError("gone"), httpx.ReadError("cut"), httpx.ReadTimeout("late"),
        refused(503, "unavailable", **{"Retry-After": "0"}), refused(503, "unavailable"),
        refused(429, "rate_limited", **{"Retry-After": "0"}),
        refused(409, "idempotency_in_progress", **{"Retry-After": "0"}),
    ],
    ids=["no-connection", "cut", "late", "away", "away-for-unknown", "too-fast", "still-runs"],
)  # fmt: skip
async def test_a_write_is_sent_again_under_the_same_key(
    first: httpx.Response | Exception,
) -> None:
    server = Server(first, httpx.Response(201, json=CALL))
    with server.client() as talking:
        talking.calls.place("bread")
    another = Server(first, httpx.Response(201, json=CALL))
    async with another.client_async() as talking_async:
        await talking_async.calls.place("bread")
    for one in (server, another):
        keys = [asked.headers["Idempotency-Key"] for asked in one.asked]
        assert len(keys) == 2
        assert len(set(keys)) == 1
    assert server.asked[0].headers["Idempotency-Key"] != another.asked[0].headers["Idempotency-Key"]


async def test_what_stays_away_is_told_with_the_key_to_go_on_with() -> None:
    server = Server(httpx.ConnectError("gone"))
    with server.client() as talking, pytest.raises(ConnectionFailedError) as told:
        talking.calls.place("bread", idempotency_key="mine")
    assert told.value.idempotency_key == "mine"
    assert len(server.asked) == AT_ONCE.attempts
    async with server.client_async() as talking_async:
        with pytest.raises(ConnectionFailedError):
            await talking_async.usage()
    assert "Idempotency-Key" not in server.asked[-1].headers


def test_a_refusal_is_an_exception_with_its_code() -> None:
    server = Server(refused(409, "wrong_state", **{"X-Request-ID": "r1"}))
    with server.client() as talking, pytest.raises(ConflictError) as told:
        talking.calls.hang_up("00000000-0000-4000-8000-000000000001")
    problem = told.value
    assert (problem.code, problem.detail, problem.request_id) == ("wrong_state", "Not now.", "r1")
    assert (problem.status, problem.title, problem.extra) == (409, "No", {"used": 3})
    assert len(server.asked) == 1


def test_who_would_wait_too_long_is_told_how_long() -> None:
    server = Server(refused(429, "too_many_calls", **{"Retry-After": "3600"}))
    with server.client() as talking, pytest.raises(RateLimitedError) as told:
        talking.calls.place("bread")
    assert told.value.retry_after == 3600.0


def test_a_proxys_page_and_an_answer_of_another_shape_are_told_apart() -> None:
    with Server(httpx.Response(502, text="<h1>Bad gateway</h1>")).client() as talking:
        with pytest.raises(ProblemError) as told:
            talking.usage()
        assert (told.value.code, told.value.status) == ("http_502", 502)
    with Server(httpx.Response(200, json={"month": 1})).client() as talking:
        with pytest.raises(TalkingError) as fault:
            talking.usage()
        assert not isinstance(fault.value, ProblemError)


async def test_a_list_goes_on_from_cursor_to_cursor_with_its_filters() -> None:
    pages = [{"calls": [CALL, CALL], "cursor": "c1"}, {"calls": [CALL], "cursor": None}]
    server = Server(*(httpx.Response(200, json=page) for page in pages))
    with server.client() as talking:
        assert len(list(talking.calls.list(status="busy", limit=2))) == 3
    another = Server(*(httpx.Response(200, json=page) for page in pages))
    async with another.client_async() as talking_async:
        assert len([one async for one in talking_async.calls.list(status="busy", limit=2)]) == 3
    for one in (server, another):
        first, second = (dict(asked.url.params) for asked in one.asked)
        assert first == {"status": "busy", "limit": "2"}
        assert second == {**first, "cursor": "c1"}


def test_both_clients_have_the_same_methods_that_take_the_same() -> None:
    for name in ("_Calls", "_Texts", "_Emails", "_Webhooks"):
        here, there = getattr(client, name), getattr(client_async, name)
        assert _methods(here) == _methods(there)
    assert _methods(Client) - {("close", "(self)")} == _methods(AsyncClient) - {
        ("aclose", "(self)")
    }


def _methods(kind: type) -> set[tuple[str, str]]:
    found = inspect.getmembers(kind, inspect.isfunction)
    return {
        (name, str(inspect.signature(one).replace(return_annotation=inspect.Signature.empty)))
        for name, one in found
        if not name.startswith("_")
    }


@pytest.mark.parametrize("name", [".", ".."])
def test_what_is_named_leads_nowhere_else(name: str) -> None:
    server = Server(httpx.Response(200, json={}))
    with server.client() as talking, pytest.raises(TalkingError, match="address"):
        talking.calls.untag("a", name)
    assert server.asked == []


def test_a_time_of_nowhere_is_refused_as_everything_is() -> None:
    server = Server(httpx.Response(200, json={}))
    with server.client() as talking, pytest.raises(TalkingError, match="zone"):
        list(talking.calls.list(since=dt.datetime(2026, 1, 1)))  # noqa: DTZ001 - that is the point
    assert server.asked == []


def test_a_token_as_files_hold_it_is_good_and_a_bad_one_is_in_no_exception() -> None:
    assert exchange.headers("tk_a\n")["Authorization"] == "Bearer tk_a"
    for bad in ("", " ", "tk_a\nb", "tk_\u2026"):
        with pytest.raises(TalkingError) as refused:
            exchange.headers(bad)
        assert "tk_" not in str(refused.value)
