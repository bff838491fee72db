"""Who can be called and texted: each person's number, script and text behaviour, from TOML or JSON.

Values only: a script is a list of steps and `script_runner` runs it. Knows no calls.
"""

import base64
import binascii
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from sandbox.core.audio import BadWavError, encode_mulaw, read_wav, split_lines
from sandbox.core.channel.settings import PERFECT, LineSettings
from sandbox.core.faults import Faults
from sandbox.people.text_behaviour import TextBehaviour

FOLDER = Path(__file__).parent
PROMPTS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")

Milliseconds = Annotated[int, Meta(ge=0, le=600_000)]


class BadPersonError(ValueError):
    """A person that cannot be; the message says why and may be shown."""


class Say(msgspec.Struct, frozen=True):
    """Speak a text."""

    text: str


class Play(msgspec.Struct, frozen=True):
    """Play mu-law sound."""

    mulaw: bytes


class Pause(msgspec.Struct, frozen=True):
    """Let time pass."""

    milliseconds: int


class WaitForAgent(msgspec.Struct, frozen=True):
    """Until the agent has answered our last line and then been quiet for `quiet_ms`; an agent
    that says nothing is waited for no longer than `patience_ms`."""

    quiet_ms: int
    patience_ms: int


class Interrupt(msgspec.Struct, frozen=True):
    """Until the agent has been speaking for this long."""

    after_ms: int


class Beep(msgspec.Struct, frozen=True):
    """A machine's tone."""

    milliseconds: int
    hertz: float = 1000.0


class Press(msgspec.Struct, frozen=True):
    """Press keys."""

    digits: str


class GreetingEnds(msgspec.Struct, frozen=True):
    """Here a machine's greeting is over, as the carrier's detection is concerned."""


class HangUp(msgspec.Struct, frozen=True):
    """Put the phone down."""


Step = Say | Play | Pause | WaitForAgent | Interrupt | Beep | Press | GreetingEnds | HangUp


PromptName = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}(/[a-z0-9-]{1,40})?$")]


class StepSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step as it is written down: exactly one of the actions, `quiet_ms` and `patience_ms`
    only with `wait_for_agent`, `hertz` with `beep_ms`. `wav` is a file name in the people folder.
    `prompt` plays recordings of Debian's asterisk-core-sounds-en-wav one after another; where that
    is not installed, its text `or_say` is spoken."""

    say: str | None = None
    prompt: list[PromptName] | None = None
    or_say: str = ""
    wav: str | None = None
    after_ms: Milliseconds | None = None
    wait_for_agent: Literal[True] | None = None
    interrupt_after_ms: Milliseconds | None = None
    beep_ms: Milliseconds | None = None
    hertz: Annotated[float, Meta(ge=100, le=3800)] = 1000.0
    press: Annotated[str, Meta(pattern=r"^[0-9A-D*#]{1,32}$")] | None = None
    greeting_ends: Literal[True] | None = None
    hang_up: Literal[True] | None = None
    quiet_ms: Milliseconds = 1000
    patience_ms: Milliseconds = 15_000


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the carrier's answering machine detection says, and how long after the answer or
    after the script's `greeting_ends`; counted from "words" it falls sooner, once the person's
    first words are over."""

    answered_by: Literal[
        "human", "machine_start", "fax", "unknown",
        "machine_end_beep", "machine_end_silence", "machine_end_other",
    ] = "human"  # fmt: skip
    after_ms: Milliseconds = 2400
    counted_from: Literal["answer", "greeting", "words"] = "answer"


class Amd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The verdict in each of the carrier's two modes."""

    enable: Verdict = Verdict()
    detect_message_end: Verdict = Verdict()


class PersonSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person as written in a TOML file or sent to POST /people.

    Instead of `steps` a base64 `wav` may say everything: each of its lines is spoken when the
    agent stops, or with `whole` all of it is played on answering. Then the person hangs up.
    `texts` says how they text, `line` what their telephone line does to sound. `faults` apply to
    calls and messages to this person instead of those that are switched on for all.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}$")]
    number: Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}$")]
    about: str = ""
    answers: Literal["answers", "busy", "no-answer", "failed"] = "answers"
    rings_seconds: Annotated[float, Meta(ge=0, le=600)] = 2.0
    pitch: Annotated[float, Meta(ge=0.6, le=1.4)] = 0.85
    amd: Amd = Amd()
    steps: list[StepSpec] = []
    wav: str = ""
    whole: bool = False
    texts: TextBehaviour = TextBehaviour()
    line: LineSettings = PERFECT
    faults: Faults | None = None


class Person(msgspec.Struct, frozen=True):
    """A person ready to be called and texted."""

    spec: PersonSpec
    script: tuple[Step, ...]


def read_person(spec: PersonSpec) -> Person:
    """Turn what is written into a person. Raises BadPersonError."""
    if spec.wav and spec.steps:
        raise BadPersonError("give either steps or wav, not both")
    try:
        script = _recorded(spec) if spec.wav else [_step(step) for step in spec.steps]
    except BadWavError as error:
        raise BadPersonError(str(error)) from error
    return Person(spec, tuple(script))


def read_people(folder: Path = FOLDER) -> dict[str, Person]:
    """Everyone in the folder's folders, by number. Raises BadPersonError, naming the file."""
    people: dict[str, Person] = {}
    for path in sorted(folder.glob("*/*.toml"), key=lambda path: path.name):
        try:
            person = read_person(msgspec.toml.decode(path.read_bytes(), type=PersonSpec))
        except (msgspec.MsgspecError, BadPersonError) as error:
            raise BadPersonError(f"{path.name}: {error}") from error
        if person.spec.number in people:
            raise BadPersonError(f"{path.name}: number already taken")
        people[person.spec.number] = person
    return people


def _recorded(spec: PersonSpec) -> list[Step]:
    try:
        pcm = read_wav(base64.b64decode(spec.wav, validate=True))
    except binascii.Error as error:
        raise BadPersonError("wav is not base64") from error
    wait = WaitForAgent(quiet_ms=1000, patience_ms=15_000)
    if spec.whole:
        return [Play(encode_mulaw(pcm)), wait, HangUp()]
    script: list[Step] = []
    for line in split_lines(pcm):
        script += [wait, Play(encode_mulaw(line))]
    return [*script, wait, HangUp()]


_BELONGS = {
    "quiet_ms": "wait_for_agent", "patience_ms": "wait_for_agent", "hertz": "beep_ms",
    "or_say": "prompt",
}  # fmt: skip


def _step(spec: StepSpec) -> Step:
    written = msgspec.to_builtins(spec)
    details = {key: written.pop(key) for key in _BELONGS if key in written}
    if len(written) != 1:
        raise BadPersonError(f"a step is exactly one action, not {sorted(written)}")
    for key in details:
        if _BELONGS[key] not in written:
            raise BadPersonError(f"{key} belongs to {_BELONGS[key]}")
    ((action, value),) = written.items()
    match action:
        case "say":
            return Say(value)
        case "wav":
            return Play(encode_mulaw(read_wav(_file(value).read_bytes())))
        case "after_ms":
            return Pause(value)
        case "interrupt_after_ms":
            return Interrupt(value)
        case "beep_ms":
            return Beep(value, spec.hertz)
        case "prompt":
            return _prompt(value, spec.or_say)
        case "press":
            return Press(value)
        case "greeting_ends":
            return GreetingEnds()
        case "hang_up":
            return HangUp()
        case _:
            return WaitForAgent(spec.quiet_ms, spec.patience_ms)


def _prompt(names: list[str], or_say: str) -> Step:
    if not or_say:
        raise BadPersonError("prompt needs or_say, for a machine without the recordings")
    files = [PROMPTS / f"{name}.wav" for name in names]
    if not all(file.is_file() for file in files):
        return Say(or_say)
    return Play(encode_mulaw(np.concatenate([read_wav(file.read_bytes()) for file in files])))


def _file(name: str) -> Path:
    path = FOLDER / name
    if Path(name).name != name or not path.is_file():
        raise BadPersonError(f"no file {name!r} in the people folder")
    return path
