"""Where the master key comes from, and what is said when there is none."""

import base64
import stat
import sys
from pathlib import Path

import pytest

from server.core.settings.loading import ConfigError, Secret
from server.core.settings.privacy import KEY_FILE, Privacy, master_keys, new_master_key, parse

KEY = base64.b64encode(bytes(range(32))).decode()


def test_the_first_of_several_keys_is_the_current_one() -> None:
    first, second = new_master_key(), new_master_key()
    found = master_keys(Privacy(master_key=Secret(f"{first}, {second}")), None)
    assert [key.secret for key in found] == [base64.b64decode(first), base64.b64decode(second)]


def test_both_alphabets_of_base64_are_read() -> None:
    secret = b"\xff" * 32
    (found,) = parse(base64.urlsafe_b64encode(secret).decode())
    assert found.secret == secret
    assert parse(base64.b64encode(secret).decode()) == [found]


@pytest.mark.parametrize("wrong", ["x", "AAAA", KEY[:-4], f"{KEY},", "ä"])
def test_what_is_no_key_is_refused_without_being_shown(wrong: str) -> None:
    with pytest.raises(ConfigError, match="must be 32 bytes in base64") as refused:
        parse(wrong)
    assert len(wrong) < 3 or wrong not in str(refused.value)


def test_a_command_prints_the_key() -> None:
    key = new_master_key()
    config = Privacy(master_key_command=f"{sys.executable} -c \"print('{key}')\"")
    assert master_keys(config, None) == parse(key)


def test_a_command_that_fails_is_named() -> None:
    with pytest.raises(ConfigError, match="master_key_command: it failed"):
        master_keys(Privacy(master_key_command="false"), None)


def test_without_a_key_a_database_by_url_is_refused_with_what_to_do() -> None:
    with pytest.raises(ConfigError, match="talking keys new"):
        master_keys(Privacy(), None)


def test_an_embedded_database_has_a_key_file_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = master_keys(Privacy(), tmp_path)
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert master_keys(Privacy(), tmp_path) == first
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]
