"""config.toml and the code's defaults say the same, key for key, and every key is explained."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from server.core.config import Config, load
from server.core.settings.loading import ConfigError, Secret

ROOT = Path(__file__).parents[2]
REQUIRED = {"TALKING_TWILIO__AUTH_TOKEN": "a" * 32}


def test_the_file_gives_exactly_the_defaults_of_the_code() -> None:
    from_file = load(ROOT / "config.toml", REQUIRED)
    from_code = load(None, REQUIRED)
    for section in msgspec.structs.fields(Config):
        for field in msgspec.structs.fields(section.type):
            if field.type is Secret:
                continue
            name = f"{section.name}.{field.name}"
            told = getattr(getattr(from_file, section.name), field.name)
            assert told == getattr(getattr(from_code, section.name), field.name), name


def test_every_key_stands_in_the_file() -> None:
    written = tomllib.loads((ROOT / "config.toml").read_text())
    for section in msgspec.structs.fields(Config):
        known = {f.name for f in msgspec.structs.fields(section.type) if f.type is not Secret}
        assert set(written[section.name]) == known


def test_every_secret_is_named_in_the_file_and_none_is_set() -> None:
    text = (ROOT / "config.toml").read_text()
    for section in msgspec.structs.fields(Config):
        for field in msgspec.structs.fields(section.type):
            if field.type is Secret:
                assert f"TALKING_{section.name}__{field.name}".upper() in text


def test_all_faults_are_told_at_once_by_key_and_never_by_value(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        '[server]\nport = "hidden-value"\nnope = 1\n[twilio]\nauth_token = "hidden-value"\n'
        '[nowhere]\nx = 1\n[telemetry]\nlog_format = "hidden-value"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load(path, {"TALKING_SERVER__PROT": "hidden-value", "TALKING_CALLS__MAX_LIVE": "0"})
    told = "\n".join(caught.value.faults)
    for key in (
        "server.port", "server.nope", "twilio.auth_token", "nowhere", "telemetry.log_format",
        "TALKING_SERVER__PROT", "calls.max_live",
    ):  # fmt: skip
        assert key in told
    assert "hidden-value" not in told


def test_a_secret_may_come_from_a_file_and_never_shows_itself(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("very-secret\n")
    config = load(None, {"TALKING_TWILIO__AUTH_TOKEN_FILE": str(path)})
    assert config.twilio.auth_token.reveal() == "very-secret"
    assert "very-secret" not in repr(config)


def test_an_address_of_a_database_wants_its_two_passwords() -> None:
    with pytest.raises(ConfigError, match="request_password"):
        load(None, {**REQUIRED, "TALKING_DATABASE__URL": "postgresql://db/x"})


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"OWNER_URL": "postgresql://o:hidden-value@db/x"}, "database.url: is required"),
        ({"TLS": "verify-full"}, "database.tls_ca: is required"),
        ({"TLS_CA": "/nowhere/ca.pem"}, "database.tls_ca: its file cannot be read"),
        ({"TLS": "on"}, "must be one of auto, off, require, verify-full"),
    ],
)
def test_what_a_database_needs_is_told_by_key(given: dict[str, str], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault) as caught:
        load(None, {**REQUIRED, **{f"TALKING_DATABASE__{key}": one for key, one in given.items()}})
    assert "hidden-value" not in str(caught.value)


def test_answers_by_email_want_the_key_of_their_address() -> None:
    with pytest.raises(ConfigError, match="inbound_key"):
        load(None, {**REQUIRED, "TALKING_EMAIL__REPLY_DOMAIN": "replies.example.com"})
    with pytest.raises(ConfigError, match="reply_domain"):
        load(None, {**REQUIRED, "TALKING_EMAIL__REPLY_DOMAIN": "not a domain"})


def test_phrases_must_be_known_of_the_language() -> None:
    with pytest.raises(ConfigError, match="must be one of de, en, es, fr"):
        load(None, {**REQUIRED, "TALKING_AMD__LANGUAGE": "xx"})


def test_a_file_that_is_missing_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml", REQUIRED)


@pytest.mark.parametrize(
    "key", ["CONVERSATION__GREETING", "AMD__VOICEMAIL_MESSAGE", "AMD__SCREENING_INTRODUCTION"]
)
def test_a_sentence_with_a_placeholder_we_do_not_know_is_a_fault(key: str) -> None:
    for sentence in ("Hello {name}.", "Hello {.", "Hello {}."):
        with pytest.raises(ConfigError, match="placeholder"):
            load(None, {**REQUIRED, f"TALKING_{key}": sentence})
