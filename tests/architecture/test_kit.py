"""The production kit: what `deploy/`, compose.yaml and Dockerfile say is there, and can be read."""

import json
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import yaml

from server.cli.supervision.workers import MARGIN_SECONDS
from server.core.config import Config, load
from server.core.settings.loading import ConfigError
from tests.architecture.test_deploy import longest_call_seconds, seconds

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
SETTING = re.compile(r"\bTALKING_[A-Z]+__[A-Z0-9_]*[A-Z0-9]")
EXAMPLE = (DEPLOY / "talking.env.example").read_text()


def shell(path: Path) -> None:
    assert path.stat().st_mode & 0o100, "it is run"
    subprocess.run(["sh", "-n", path], check=True)


def unit(path: Path) -> None:
    for line in path.read_text().splitlines():
        assert re.fullmatch(r"#.*|\[[A-Z][a-z]+\]|[A-Z]\w+=.*|", line), line


def template(path: Path) -> None:
    """As far as it goes without Helm: what is opened is closed."""
    text = path.read_text()
    opened = re.findall(r"{{-? *(?:if|range|with|define)\b", text)
    assert len(opened) == len(re.findall(r"{{-? *end\b", text))
    assert text.count("{{") == text.count("}}")


def braces(path: Path) -> None:
    text = re.sub(r"#.*", "", path.read_text())
    assert text.count("{") == text.count("}")


def names(path: Path) -> None:
    for line in path.read_text().splitlines():
        assert re.fullmatch(r"#.*|TALKING_\w+=\S*|", line), line


def sections(path: Path) -> None:
    for line in path.read_text().splitlines():
        assert re.fullmatch(r"#.*|(global|defaults|(frontend|backend) \w+)|    \S.*|", line), line


def statements(path: Path) -> None:
    assert path.read_text().endswith((";\n", "\\gexec\n"))


READERS: dict[str, Callable[[Path], object]] = {
    "*.sh": shell,
    "*.service": unit,
    "helm/templates/*": template,
    "*.y*ml": lambda path: yaml.safe_load(path.read_text()),
    "*.json": lambda path: json.loads(path.read_text()),
    "*.conf": braces,
    "Caddyfile": braces,
    "*.cfg": sections,
    "*.sql": statements,
    "*.example": names,
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_every_file_can_be_read(path: Path) -> None:
    read = next(
        (read for pattern, read in READERS.items() if path.match(f"deploy/{pattern}")),
        None,
    ) or next(read for pattern, read in READERS.items() if path.match(pattern))
    read(path)


def test_every_setting_that_the_kit_names_exists() -> None:
    known = {
        f"TALKING_{section.name}__{field.name}{end}".upper()
        for section in msgspec.structs.fields(Config)
        for field in msgspec.structs.fields(section.type)
        for end in ("", "_file")
    }
    kit = [*FILES, ROOT / "compose.yaml", ROOT / "Dockerfile", *(ROOT / "docs").glob("*.md")]
    named = {name for path in kit for name in SETTING.findall(path.read_text())}
    named -= {"TALKING_SECTION__KEY", "TALKING_SECTION__KEY_FILE"}
    assert len(named) > 20
    assert named - known == set()


def test_the_example_needs_what_it_leaves_open_and_nothing_else() -> None:
    """A node starts with each line filled in, and says which is not."""
    given = dict(re.findall(r"^(TALKING_\w+)=(.*)$", EXAMPLE, re.MULTILINE))
    filled = {
        "TALKING_TWILIO__ACCOUNT_SID": "AC" + "1" * 32,
        "TALKING_TWILIO__FROM_NUMBER": "+12025550100",
    }
    filled = {name: value or filled.get(name, "x" * 32) for name, value in given.items()}
    at = {"TALKING_DATABASE__URL": "postgresql://database:5432/postgres"}
    assert load(ROOT / "config.toml", {**filled, **at}).server.trusted_proxies == ("10.0.0.0/8",)
    with pytest.raises(ConfigError) as left_open:
        load(ROOT / "config.toml", {**given, **at})
    assert {fault.split(":")[0] for fault in left_open.value.faults} >= {
        "twilio.account_sid", "twilio.from_number",
    }  # fmt: skip


def test_services_of_compose_start_again_and_are_asked_how_they_are() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert set(services) == {"migrate", "node", "database", "backup"}
    for name, service in services.items():
        assert service["restart"] == ("on-failure:3" if name == "migrate" else "unless-stopped")
        own_image = "build" in service
        assert own_image or "healthcheck" in service, name
        assert own_image or re.fullmatch(r"postgres:17@sha256:[0-9a-f]{64}", service["image"])
    for name in ("migrate", "node"):
        assert services[name]["env_file"] == "talking.env"
    assert services["backup"]["network_mode"] == "none"


def test_the_image_is_slim_and_pinned() -> None:
    image = (ROOT / "Dockerfile").read_text()
    froms = re.findall(r"^FROM (\S+)", image, re.MULTILINE)
    assert len(set(froms)) == 1
    assert re.fullmatch(r"python:3\.13-slim@sha256:[0-9a-f]{64}", froms[0])
    copied = set(re.findall(r"^COPY (\w+) ", image, re.MULTILINE))
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    product = {name.removesuffix("*") for name in packages["packages"]["find"]["include"]}
    assert copied == product - {"sandbox"}
    assert "HEALTHCHECK" in image
    assert "USER 10001:10001" in image


def test_whoever_stops_a_node_waits_for_it() -> None:
    server = load(ROOT / "config.toml", {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32}).server
    patience = server.drain_seconds + server.close_seconds + MARGIN_SECONDS
    service = (DEPLOY / "systemd" / "talking.service").read_text()
    assert seconds("TimeoutStopSec=", service.replace("=", "= ")) > patience
    assert "KillMode=mixed" in service  # a second signal would end its nodes at once
    values = yaml.safe_load((DEPLOY / "helm" / "values.yaml").read_text())
    assert values["terminationGracePeriodSeconds"] > patience


def test_running_the_migration_again_stops_no_node() -> None:
    node, migration = (
        (DEPLOY / "systemd" / name).read_text()
        for name in ("talking.service", "talking-migrate.service")
    )
    assert "\nWants=network-online.target talking-migrate.service\n" in node
    assert not re.search(r"^(Requires|BindsTo|PartOf|Requisite)=", node, re.MULTILINE)
    assert "\nAfter=network-online.target postgresql.service talking-migrate.service\n" in node
    for unit, restart in ((node, "always"), (migration, "on-failure")):  # until a database is there
        assert f"\nRestart={restart}\n" in unit
        assert "\nStartLimitIntervalSec=0\n" in unit


def test_only_what_migrates_knows_the_owner() -> None:
    for folder, knows in (
        ("systemd", "talking-migrate.service"),
        ("helm/templates", "migrate.yaml"),
    ):
        for path in (DEPLOY / folder).iterdir():
            has = re.search(r"owner\.env|secrets\.owner", path.read_text()) is not None
            assert has == (path.name == knows), path


def test_caddy_passes_what_a_node_says_as_it_comes() -> None:
    text = (DEPLOY / "Caddyfile").read_text()
    config = load(ROOT / "config.toml", {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32})
    assert "flush_interval -1" in text
    assert "health_uri /readyz" in text
    assert "stream_timeout" not in text or seconds("stream_timeout", text) > longest_call_seconds(
        config
    )
    most = re.search(r"max_size (\d+)MB", text)
    assert most is not None
    assert int(most[1]) * 10**6 > config.sendgrid.max_inbound_bytes
