"""What every answer carries, asked of an application in memory."""

import pytest
import structlog
from quart import Quart
from structlog.testing import capture_logs

from server.audit import acts
from server.audit.keys import hashed
from server.http import headers
from server.http.client_address import networks

log = structlog.get_logger("test")


def application(public_url: str) -> Quart:
    app = Quart("test")
    headers.add(app, public_url, b"key", networks(["10.0.0.0/8"]))

    @app.get("/")
    async def page() -> str:
        log.info("asked")
        return "here"

    @app.get("/origin")
    async def origin() -> dict[str, str]:
        here = acts.origin()
        return {"request": here.request_id, "from": (here.address_hash or b"").hex()}

    return app


async def test_an_answer_and_its_lines_in_the_log_have_the_same_id() -> None:
    client = application("http://127.0.0.1").test_client()
    seen = set()
    for given in ("", "abc-12345", "short", "x" * 65, 'a"b\\c{"d"}'):
        with capture_logs([structlog.contextvars.merge_contextvars]) as logs:
            answer = await client.get("/", headers={"X-Request-Id": given} if given else {})
        name = answer.headers["X-Request-Id"]
        assert [line["request_id"] for line in logs] == [name]
        assert (name == given) == (given == "abc-12345")
        seen.add(name)
    assert len(seen) == 5
    assert (await client.get("/nowhere")).headers["X-Request-Id"]


@pytest.mark.parametrize("url", ["http://127.0.0.1", "https://talking.example"])
async def test_browsers_are_told_to_be_strict_everywhere(url: str) -> None:
    client = application(url).test_client()
    for path in ("/", "/nowhere"):
        answer = await client.get(path)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert ("Strict-Transport-Security" in answer.headers) == url.startswith("https")


async def test_what_is_done_for_a_request_knows_where_it_came_from() -> None:
    client = application("http://127.0.0.1").test_client()
    for peer, told, address in (
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"), ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
    ):  # fmt: skip
        answer = await client.get(
            "/origin", headers={"X-Forwarded-For": told}, scope_base={"client": (peer, 1)}
        )
        found = await answer.get_json()
        assert found["request"] == answer.headers["X-Request-Id"]
        assert found["from"] == (hashed(b"key", address) or b"").hex()
