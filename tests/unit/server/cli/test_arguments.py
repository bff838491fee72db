"""What is typed wrongly is refused before anything starts, in words."""

import argparse
import tomllib
import wave
from pathlib import Path

import pytest

from server import VERSION
from server.cli import arguments
from server.cli.failures import FailedError
from server.cli.main import main, parser

ROOT = Path(__file__).parents[4]


def wav(path: Path, hertz: int, frames: int = 80, channels: int = 1) -> str:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(hertz)
        file.writeframes(bytes(2 * channels * frames))
    return str(path)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["up", "--port", "80 thousand"], "is no port; ports are 1 to 65535"),
        (["up", "--port", "70000"], "is no port"),
        (["up", "--nodes", "-2"], "is no number of nodes"),
        (["up", "--person", "talker"], "usage: talking up"),
        (["demo", "--person", "talkr"], "nobody is called 'talkr'; there are "),
        (["demo", "--caller", "missing.wav"], "missing.wav cannot be read: No such file"),
        (["demo", "--caller", str(ROOT / "README.md")], "is no WAV file"),
    ],
)
def test_wrong_arguments_start_nothing(
    typed: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(typed)
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_two_ports_that_are_one_start_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--port", "8123", "--sandbox-port", "8123"]) == 1
    assert "are both 8123" in capsys.readouterr().err


def test_recordings_are_telephone_sound(tmp_path: Path) -> None:
    assert arguments.recording(wav(tmp_path / "a.wav", 8000)) == tmp_path / "a.wav"
    for name, hertz, frames, channels in (
        ("b", 44100, 80, 1),
        ("c", 8000, 0, 1),
        ("d", 16000, 8, 2),
    ):
        with pytest.raises(argparse.ArgumentTypeError, match="must be mono"):
            arguments.recording(wav(tmp_path / f"{name}.wav", hertz, frames, channels))


def test_people_are_those_of_the_sandbox() -> None:
    assert {"talker", "voicemail", "busy"} <= set(arguments.people())
    assert arguments.person("talker") == "talker"


def test_another_python_is_told_in_words() -> None:
    arguments.check_python((3, 13))
    with pytest.raises(FailedError, match=r"this is Python 3\.9; Talking App needs 3.11"):
        arguments.check_python((3, 9))


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"Talking App {VERSION}\n"
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_every_argument_of_every_command_is_explained() -> None:
    (commands,) = (one.choices for one in parser()._actions if isinstance(one.choices, dict))
    bare = [
        (name, action.dest)
        for name, command in commands.items()
        for action in command._actions
        if not action.help
    ]
    assert bare == []
