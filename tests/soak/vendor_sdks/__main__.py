"""Drives the stand-ins of speech and language services with their makers' own clients.

`python -m tests.soak.vendor_sdks FOLDER`, where FOLDER holds a virtual environment for each client,
by its package's name; none is a dependency:

    for each in deepgram-sdk==7.17.0 elevenlabs==2.78.0 "cartesia[websockets]==4.2.0" \
            assemblyai==1.8.2 openai==3.57.0 anthropic==2.14.0; do
        python -m venv FOLDER/${each%%[[=]*} && FOLDER/${each%%[[=]*}/bin/pip install $each
    done

A voice's sound is given to the ears; what they hear must be what the voice was to say.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from tests.bench.machine import say
from tests.support.vendors import ToneWords, Vendors, running_vendors

TEXT = "Good morning, who would like some tea?"
CLIENTS = {
    "deepgram": "deepgram-sdk",
    "elevenlabs": "elevenlabs",
    "cartesia": "cartesia",
    "assemblyai": "assemblyai",
    "openai": "openai",
    "anthropic": "anthropic",
}
_SECONDS = 60.0


async def _drive(folder: Path, vendors: Vendors) -> int:
    """Each client in turn; how many failed."""
    failed = 0
    sound = vendors.speech.sound(TEXT).hex()
    for name, package in CLIENTS.items():
        python = folder / package / "bin" / "python"
        script = Path(__file__).with_name(f"{name}.py.txt")
        process = await asyncio.create_subprocess_exec(
            python, "-c", script.read_text("utf-8"), vendors.at(name), TEXT, sound,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            async with asyncio.timeout(_SECONDS):
                out, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            out, _ = await process.communicate()
        failed += bool(process.returncode)
        say(f"{package}: {'fails' if process.returncode else 'agrees'}")
        for line in out.decode().splitlines()[-12:]:
            say(f"  {_told(line, vendors.speech)}")
    return failed


def _told(line: str, speech: ToneWords) -> str:
    """A line of a client's; sound is told by its words."""
    what, is_sound, data = line.partition(" sound ")
    return f"{what}: {speech.words(bytes.fromhex(data))}" if is_sound else line


async def _all(folder: Path) -> int:
    async with running_vendors(ToneWords()) as vendors:
        return await _drive(folder, vendors)


def main() -> int:
    """1 when a client and its stand-in do not agree."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.vendor_sdks", description=__doc__)
    parser.add_argument("folder", type=Path)
    return 1 if asyncio.run(_all(parser.parse_args().folder)) else 0


if __name__ == "__main__":
    sys.exit(main())
