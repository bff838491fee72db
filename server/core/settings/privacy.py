"""The `[privacy]` section, and where the master key is: in the environment, in what a command
prints, or in a file beside the embedded database. Knows nothing of what is sealed with it.
"""

import base64
import binascii
import contextlib
import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from db.core import sealing
from db.core.sealing import MasterKey
from server.core.settings.loading import ConfigError, Secret

KEY_FILE = "master.key"
_COMMAND_SECONDS = 20.0


class Privacy(msgspec.Struct, frozen=True):
    """Which values are sealed at rest, and the key that opens the keys they are sealed with; how
    long the link to a copy of one's data is good.

    `master_key` holds one, or several with commas between them: the first is for what is new.
    """

    seal: Literal["all", "app", "none"] = "all"
    master_key: Secret = Secret("")
    master_key_command: str = ""
    export_link_hours: Annotated[float, Meta(gt=0)] = 24.0


def master_keys(config: Privacy, embedded_in: Path | None) -> list[MasterKey]:
    """The master keys, the current one first; made once, into a file that only its owner reads, for
    a database that is embedded in that folder. Raises ConfigError."""
    if config.master_key:
        return parse(config.master_key.reveal())
    if config.master_key_command:
        return parse(_printed(config))
    if embedded_in is None:
        raise ConfigError(
            [
                "privacy.master_key: is required with database.url; print a new one with `talking"
                " keys new` and set TALKING_PRIVACY__MASTER_KEY (or _FILE), the same for every"
                " node, and keep a copy elsewhere: without it nothing sealed can be read"
            ]
        )
    return parse(_kept(embedded_in / KEY_FILE))


def known_master_keys(config: Privacy, embedded_in: Path | None) -> list[MasterKey]:
    """`master_keys` for whoever only looks: a file that is not there is not made. Raises
    ConfigError."""
    is_given = config.master_key or config.master_key_command
    if not is_given and embedded_in is not None and not (embedded_in / KEY_FILE).exists():
        raise ConfigError([f"{embedded_in / KEY_FILE} is not there; `talking migrate` makes it"])
    return master_keys(config, embedded_in)


def parse(text: str) -> list[MasterKey]:
    """Keys as they are written down. Raises ConfigError, which shows nothing of them."""
    try:
        secrets = [
            base64.b64decode(one.strip(), altchars=b"-_" if set("-_") & set(one) else None,
                             validate=True)
            for one in text.split(",")
        ]  # fmt: skip
    except (binascii.Error, ValueError):
        secrets = []
    if not secrets or any(len(secret) != sealing.KEY_BYTES for secret in secrets):
        raise ConfigError(
            [
                f"privacy.master_key: must be {sealing.KEY_BYTES} bytes in base64, or several such"
                " with commas between them; `talking keys new` prints one"
            ]
        )
    return [sealing.master_key(secret) for secret in secrets]


def new_master_key() -> str:
    """A master key as it is written down."""
    return base64.b64encode(sealing.new_secret()).decode()


def _printed(config: Privacy) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command
            shlex.split(config.master_key_command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_COMMAND_SECONDS,
            check=True,
        )
        return done.stdout.decode().strip()
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise ConfigError(
            [f"privacy.master_key_command: it failed ({type(error).__name__})"]
        ) from None


def _kept(file: Path) -> str:
    """What is in the file; made whole or not at all, and by one of those who start at once."""
    if not file.exists():
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".key-") as fresh:  # mode 600
            fresh.write(new_master_key().encode() + b"\n")
            fresh.flush()
            os.fsync(fresh.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(fresh.name, file)
    return file.read_text("ascii").strip()
