"""What is typed on the command line, refused before anything is started if it cannot be meant.

Knows no command; whatever is wrong is told in the words of who typed it.
"""

import argparse
import importlib.util
import sys
import tomllib
import wave
from pathlib import Path

from server.cli.failures import FailedError

_PORTS = range(1, 65536)


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> None:
    """Raises FailedError for a Python that we are not tested with."""
    if not (3, 11) <= version < (3, 14):
        raise FailedError(
            f"this is Python {version[0]}.{version[1]}; Talking App needs 3.11, 3.12 or 3.13"
        )


def port(text: str) -> int:
    """A port to listen at."""
    if not text.isdecimal() or int(text) not in _PORTS:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; ports are 1 to {_PORTS[-1]}")
    return int(text)


def count(text: str) -> int:
    """How many of something; 0 is as many as there are cores."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of nodes")
    return int(text)


def recording(text: str) -> Path:
    """A WAV that a caller can say."""
    path = Path(text)
    try:
        with wave.open(str(path), "rb") as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            length = file.getnframes()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text} cannot be read: {error.strerror}") from None
    except (wave.Error, EOFError):
        raise argparse.ArgumentTypeError(f"{text} is no WAV file of plain sound (PCM)") from None
    if shape[:2] != (1, 2) or shape[2] not in {8000, 16000} or not length:
        raise argparse.ArgumentTypeError(
            f"{text} must be mono, 16 bits, 8000 or 16000 Hz, and hold sound; it has {shape[0]}"
            f" channel(s), {8 * shape[1]} bits, {shape[2]} Hz"
        )
    return path


def person(text: str) -> str:
    """Somebody in the sandbox, by name."""
    names = people()
    if names and text not in names:
        raise argparse.ArgumentTypeError(f"nobody is called {text!r}; there are {', '.join(names)}")
    return text


def people() -> list[str]:
    """Who is in the sandbox that is installed here, which is never imported; nobody without one."""
    found = importlib.util.find_spec("sandbox")
    if found is None or not found.submodule_search_locations:
        return []
    files = Path(found.submodule_search_locations[0], "people").glob("*/*.toml")
    return sorted(str(tomllib.loads(file.read_text("utf-8"))["name"]) for file in files)
