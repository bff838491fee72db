"""What we ship to run several nodes agrees with the nodes' own limits; docs/several-nodes.md."""

import re
from pathlib import Path

import pytest

from server.cli.workers import MARGIN_SECONDS
from server.core.config import Config, load

ROOT = Path(__file__).parents[2]
UNITS = {"s": 1, "m": 60, "h": 3600}
HAPROXY, NGINX = (
    re.sub(r"\s*#.*", "", (ROOT / "deploy" / name).read_text())
    for name in ("haproxy.cfg", "nginx.conf")
)


@pytest.fixture(scope="module")
def config() -> Config:
    """The defaults."""
    return load(ROOT / "config.toml", {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32})


def seconds(name: str, text: str) -> int:
    """A time that a configuration sets."""
    found = re.search(rf"\b{name}\s+(\d+)([smh])\b", text)
    assert found is not None, name
    return int(found[1]) * UNITS[found[2]]


def longest_call_seconds(config: Config) -> float:
    return config.conversation.limit_seconds + config.calls.transfer_limit_seconds


def test_haproxy_asks_who_is_ready_and_outlasts_calls(config: Config) -> None:
    assert "option httpchk GET /readyz" in HAPROXY
    assert "http-check expect status 200" in HAPROXY
    assert "on-marked-down" not in HAPROXY  # what a node that drains has goes on
    assert "retry-on" not in HAPROXY  # nothing is sent twice
    assert "option http-server-close" in HAPROXY  # kept connections of a node end after seconds
    assert seconds("timeout tunnel", HAPROXY) > longest_call_seconds(config)
    assert seconds("timeout server", HAPROXY) > 2 * config.limits.live_comment_seconds


def test_nginx_upgrades_does_not_buffer_and_outlasts_calls(config: Config) -> None:
    assert "proxy_http_version 1.1;" in NGINX
    assert "proxy_set_header Upgrade $http_upgrade;" in NGINX
    assert "proxy_set_header Connection $connection_upgrade;" in NGINX
    assert "proxy_buffering off;" in NGINX
    assert "non_idempotent" not in NGINX  # nothing is sent twice
    rest, sockets = NGINX.split("location ~ ^/(media|live|audio)$")
    for name in ("proxy_read_timeout", "proxy_send_timeout"):
        assert seconds(name, sockets) > longest_call_seconds(config)
    assert seconds("proxy_read_timeout", rest) > 2 * config.limits.live_comment_seconds
    most = re.search(r"client_max_body_size (\d+)m;", NGINX)
    assert most is not None
    assert int(most[1]) * 2**20 > config.sendgrid.max_inbound_bytes


def test_a_container_is_given_the_time_to_drain(config: Config) -> None:
    compose = (ROOT / "compose.yaml").read_text()
    patience = seconds("stop_grace_period:", compose)
    server = config.server
    assert patience > server.drain_seconds + server.close_seconds + MARGIN_SECONDS
    assert '"python", "-m", "server", "serve"' in (ROOT / "Dockerfile").read_text()  # no shell
