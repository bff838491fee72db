"""What we ship to run and watch nodes agrees with what nodes are: their limits, their numbers."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli.supervision.workers import MARGIN_SECONDS
from server.core.config import Config, load

ROOT = Path(__file__).parents[2]
NAMES = Path(__file__).parent / "names"
SUFFIXES = {
    "Counter": ("_total",), "Gauge": ("",), "Histogram": ("_bucket", "_sum", "_count"),
}  # fmt: skip
PROCESS = {"open_fds", "max_fds", "resident_memory_bytes", "cpu_seconds_total"}
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
    assert HAPROXY.count("http-check expect status 200") == HAPROXY.count("option httpchk") == 2
    assert "use_backend unready if { nbsrv(nodes) eq 0 }" in HAPROXY  # PostgreSQL is away
    nodes, unready = (re.findall(r"server .*", part) for part in HAPROXY.split("backend ")[-2:])
    assert nodes == unready
    assert "option httpchk GET /readyz?of=node" in HAPROXY
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


def test_only_what_migrates_knows_the_owner_of_the_database() -> None:
    compose = (ROOT / "compose.yaml").read_text()
    services = dict(re.findall(r"^  (\w+):\n((?:    .*\n)+)", compose, re.MULTILINE))
    assert {name for name, text in services.items() if "OWNER_URL" in text} == {"migrate"}
    assert "postgres:$" not in services["node"]
    shared = compose[: compose.index("services:")]
    assert "OWNER_URL" not in shared
    assert "env_file: talking.env\n" in shared
    assert "TALKING_DATABASE__URL: postgresql://database:5432/postgres\n" in shared
    assert "condition: service_completed_successfully" in services["node"]
    for rule in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"):
        assert rule in shared


def test_images_are_pinned_by_the_digests_that_the_registry_tells(tmp_path: Path) -> None:
    digests = {"python:3.13-slim": "sha256:" + "a" * 64, "postgres:17": "sha256:" + "b" * 64}
    docker = tmp_path / "bin" / "docker"  # what a registry would answer
    docker.parent.mkdir()
    cases = "".join(f"{image}) echo {digest};;\n" for image, digest in digests.items())
    docker.write_text(f'#!/bin/sh\ncase "$4" in {cases}*) exit 1;; esac\n')
    docker.chmod(0o755)
    for name in ("Makefile", "Dockerfile", "compose.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    path = f"{docker.parent}:{os.environ['PATH']}"
    for _ in range(2):  # again: those of now take the place of those of before
        subprocess.run(
            ["make", "pins"], cwd=tmp_path, env={"PATH": path}, check=True, capture_output=True
        )
    pinned = (tmp_path / "Dockerfile").read_text() + (tmp_path / "compose.yaml").read_text()
    named = re.findall(r"(?:^FROM|image:) (\S+)", pinned, re.MULTILINE)
    assert named == [
        *[f"python:3.13-slim@{digests['python:3.13-slim']}"] * 2,
        *[f"postgres:17@{digests['postgres:17']}"] * 2,  # and its backups
    ]


def told() -> set[str]:
    """Every series a node tells, by what is pinned and by what its process is measured by."""
    series = {"up", *(f"process_{name}" for name in PROCESS)}
    for name, (kind, *_) in json.loads((NAMES / "metrics.json").read_text()).items():
        series |= {f"{name}{end}" for end in SUFFIXES[kind]}
    return series


@pytest.mark.parametrize("name", ["alerts.yml", "grafana.json"])
def test_dashboard_and_alerts_ask_for_what_a_node_tells(name: str) -> None:
    text = (ROOT / "deploy" / name).read_text()
    asked = set(re.findall(r"\b(?:talking|process)_[a-z_]+", text))
    assert len(asked) > 10
    assert asked <= told()


def test_what_an_alert_sees_grow_is_there_from_the_beginning() -> None:
    """Prometheus sees no increase in the first value of a series."""
    text = (ROOT / "deploy" / "alerts.yml").read_text()
    grown = re.findall(r"increase\((\w+)(?:\{(\w+)=\"(\w+)\"\})?\[", text)
    restarts = ("talking_service_restarts_total", "", "")  # by service, as each is begun
    assert restarts in grown
    for series, label, value in set(grown) - {restarts}:
        look = (
            "from server.core.measures import REGISTRY\n"
            f"print(REGISTRY.get_sample_value({series!r}, {{{label!r}: {value!r}}}))"
        )
        found = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True)
        assert found.stdout == b"0.0\n", series


def test_every_alert_is_in_the_runbook() -> None:
    alerts = set(re.findall(r"alert: (\w+)", (ROOT / "deploy" / "alerts.yml").read_text()))
    said = set(re.findall(r"^### (\w+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE))
    assert alerts == said
    assert len(alerts) == 20
