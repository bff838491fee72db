"""Writes docs/call-states.md: what every event does in a usual state of every phase.

The table is made by running `step`, so it cannot differ from the code; a test holds the committed
file to it. Run it with `python -m tests.architecture.call_states`.
"""

from pathlib import Path

import msgspec

from media.agent import Agent
from media.call import Call, step
from media.effects import Effect, Publish, Record, Settle
from media.events import (
    Adopted,
    AiMuted,
    AiUnmuted,
    AmdVerdict,
    Answered,
    Broken,
    BudgetSpent,
    CarrierSilent,
    Dialled,
    DialRefused,
    DialUnknown,
    DtmfAsked,
    EngineFailed,
    Event,
    GenerationFinished,
    HangUpAsked,
    Keyed,
    ListenBegan,
    ListenEnded,
    NodeStopping,
    OperatorJoined,
    OperatorLeft,
    OperatorSaid,
    PlaybackStarted,
    Recognised,
    RecordingAnswered,
    RecordingAsked,
    RecordPauseAsked,
    RecordStartAsked,
    RecordStopAsked,
    Sentence,
    SpeechBegan,
    SpeechPaused,
    StreamStarted,
    StreamStopped,
    TakeoverAsked,
    TakeoverReleased,
    Tick,
    ToneHeard,
    ToolAnswered,
    ToolCalled,
    TransferAsked,
    Transferred,
    TransferRefused,
    TransferUnknown,
    TurnPlayed,
)
from media.phases.talking.state import Talking
from media.tools import Tool, ToolCall
from tests.support.script import SID, STREAM, Script, status

PATH = Path(__file__).parents[2] / "docs" / "call-states.md"

INTRODUCTION = """# What a call does, phase by phase

Made by `python -m tests.architecture.call_states` from `media.call.step`; do not edit.

One table for each usual state: the event, the phase that follows (with whose turn it is, in a
conversation), and the effects, in order. An event that is not listed changes nothing there;
"same" means that something is remembered or done and the phase stays. "Tick" is the phase's
deadline. Events carry the turn, utterance or revision the call is at; with any other number they
come too late and change nothing.
"""

SHOP = Agent(
    "1", "shop", "Shop", tools=(Tool("find_order", "Finds an order.", "{}", "Let me look it up."),)
)
FIND_ORDER = ToolCalled(2, ToolCall("1", "find_order", "{}"))
SCREENED = (
    Script()
    .waiting()
    .hears(StreamStarted(STREAM))
    .caller_begins()
    .later(3)
    .caller_pauses("Please say your name and why you are calling.", quiet=1)
)
SCENES: dict[str, Script] = {
    "Dialling: the carrier was asked": Script().hears(Dialled(SID)),
    "Dialling: nobody knows whether the carrier took it": Script().hears(DialUnknown()),
    "Connecting: somebody called us": Script(inbound=True),
    "Waiting: answered, no sound and no verdict yet": Script().waiting(),
    "Waiting: sound, no verdict yet": Script().waiting().hears(StreamStarted(STREAM)),
    "Waiting: somebody speaks": Script().waiting().hears(StreamStarted(STREAM), SpeechBegan(1)),
    "Waiting: a phone that screens its calls is told who calls": SCREENED,
    "Talking: the agent speaks": Script().talking(),
    "Talking: taken for a human, the agent speaks": (
        Script().waiting().hears(StreamStarted(STREAM)).at(10)
    ),
    "Talking: nobody speaks": Script().quiet(),
    "Talking: the caller speaks": Script().quiet().caller_begins(),
    "Talking: the caller speaks over the agent": Script().talking().caller_begins(),
    "Talking: the caller paused, the words are not known yet": (
        Script().quiet().caller_begins().later(1).caller_pauses()
    ),
    "Talking: the caller paused, the words are known": (
        Script().quiet().caller_begins().later(1).caller_pauses("How do roses grow?")
    ),
    "Talking: the language model thinks": Script().quiet().caller_says("How do roses grow?"),
    "Talking: the language model thinks and has called a tool": (
        Script(agent=SHOP).quiet().caller_says("Where is my order?").hears(FIND_ORDER)
    ),
    "Talking: the language model waits for a tool": (
        Script(agent=SHOP)
        .quiet()
        .caller_says("Where is my order?")
        .hears(FIND_ORDER, GenerationFinished(2))
    ),
    "Talking: the agent was muted while it spoke": Script().talking().hears(AiMuted()),
    "Talking: an operator took over, the caller spoke": (
        Script().quiet().taken_over().caller_says("How do roses grow?")
    ),
    "Talking: a transfer was asked for": (Script().quiet().hears(TransferAsked("+12025550100"))),
    "Talking: a transfer was asked for and the sound is gone": (
        Script().quiet().hears(TransferAsked("+12025550100"), StreamStopped(STREAM))
    ),
    "Talking: the line is gone": Script().quiet().hears(StreamStopped(STREAM)),
    "Talking: the caller was asked whether the call may be recorded": (
        Script().quiet().hears(RecordStartAsked()).agent_finishes()
    ),
    "Talking: the call is recorded": (
        Script().quiet().hears(RecordStartAsked()).agent_finishes().caller_says("Yes.")
    ),
    "Voicemail: the greeting is heard out": Script().voicemail("machine_start"),
    "Voicemail: the message is said": Script().voicemail(),
    "Ending: the carrier was asked to hang up": Script().quiet().hears(HangUpAsked("user")),
    "Ended": Script().quiet().hears(status("completed", 1, 1)),
}


def events(play: Script) -> dict[str, Event]:
    """Every event, with the numbers that fit this state."""
    phase = play.call.phase
    turn = phase.turn if isinstance(phase, Talking) else 0
    return {
        "Dialled": Dialled(SID),
        "DialRefused": DialRefused(21211, "no"),
        "DialUnknown": DialUnknown(),
        "CarrierStatus ringing": status("ringing", 0),
        "CarrierStatus in-progress": status("in-progress", 0),
        "CarrierStatus completed": status("completed", 1, 1),
        "CarrierStatus no-answer": status("no-answer", 1, 0),
        "CarrierSilent": CarrierSilent(answered=True),
        "Answered": Answered(SID),
        "AmdVerdict human": AmdVerdict("human"),
        "AmdVerdict machine_start": AmdVerdict("machine_start"),
        "AmdVerdict machine_end_beep": AmdVerdict("machine_end_beep"),
        "AmdVerdict fax": AmdVerdict("fax"),
        "StreamStarted": StreamStarted(STREAM),
        "StreamStopped": StreamStopped(STREAM),
        "SpeechBegan": SpeechBegan(1),
        "SpeechPaused": SpeechPaused(1, 1, play.now),
        "Recognised words": Recognised(1, 1, "How do roses grow?"),
        "Recognised noise": Recognised(1, 1, ""),
        "Recognised a greeting": Recognised(1, 1, "Please leave a message after the tone."),
        "ToneHeard beep": ToneHeard("beep", 1000, 400, play.now),
        "ToneHeard fax": ToneHeard("fax", 2100, 500, play.now),
        "Sentence": Sentence(turn, "Slowly."),
        "ToolCalled": ToolCalled(turn, ToolCall("1", "find_order", "{}")),
        "ToolAnswered": ToolAnswered(1, "ok", "It is on its way."),
        "GenerationFinished": GenerationFinished(turn),
        "PlaybackStarted": PlaybackStarted(turn),
        "TurnPlayed": TurnPlayed(turn, "Hello there.", "Hello there."),
        "TurnPlayed, cut off": TurnPlayed(turn, "Hello there.", "Hello", cut=True),
        "EngineFailed recogniser": EngineFailed("recogniser", 1),
        "EngineFailed thinker": EngineFailed("thinker", turn),
        "EngineFailed voice": EngineFailed("voice", turn),
        "OperatorSaid": OperatorSaid("One moment.", interrupt=False),
        "OperatorSaid, interrupting": OperatorSaid("Stop.", interrupt=True),
        "HangUpAsked": HangUpAsked("user"),
        "AiMuted": AiMuted(),
        "AiUnmuted": AiUnmuted(),
        "TakeoverAsked": TakeoverAsked(),
        "OperatorJoined": OperatorJoined(),
        "OperatorLeft": OperatorLeft(),
        "TakeoverReleased": TakeoverReleased(),
        "SpeechBegan, operator": SpeechBegan(1, "operator"),
        "Recognised operator's words": Recognised(1, 1, "Let me help.", "operator"),
        "ListenBegan": ListenBegan("1"),
        "ListenEnded": ListenEnded("1"),
        "DtmfAsked": DtmfAsked("1#"),
        "TransferAsked": TransferAsked("+12025550100"),
        "Transferred": Transferred(),
        "TransferRefused": TransferRefused(21220),
        "TransferUnknown": TransferUnknown(),
        "RecordStartAsked": RecordStartAsked(),
        "RecordPauseAsked": RecordPauseAsked(),
        "RecordStopAsked": RecordStopAsked(),
        "RecordingAsked": RecordingAsked(),
        "RecordingAnswered": RecordingAnswered(agreed=True),
        "Keyed": Keyed("1"),
        "Adopted": Adopted(0.0, reconnect=True),
        "NodeStopping": NodeStopping(),
        "BudgetSpent": BudgetSpent(),
        "Broken": Broken(),
        "Tick": Tick(),
    }


def document() -> str:
    """The whole file."""
    return "\n".join([INTRODUCTION, *(_table(title, play) for title, play in SCENES.items())])


def _table(title: str, play: Script) -> str:
    lines = [f"## {title}", "", "| event | then | effects |", "|---|---|---|"]
    for name, event in events(play).items():
        now = play.now
        if isinstance(event, Tick) and play.call.phase.deadline is not None:
            now = play.call.phase.deadline
        after, effects = step(play.call, event, now)
        if after == play.call and not effects:
            continue
        then = "same" if _where(after) == _where(play.call) else _where(after)
        done = ", ".join(_name(effect) for effect in effects)
        lines.append(f"| {name} | {then} | {done} |")
    if len(lines) == 4:
        lines.append("| any | same | |")
    return "\n".join([*lines, ""])


def _where(call: Call) -> str:
    phase = type(call.phase).__name__
    if isinstance(call.phase, Talking):
        return f"{phase}: {type(call.phase.turn_state).__name__}"
    return phase


def _name(effect: Effect) -> str:
    match effect:
        case Record(type=type_, status=status_):
            given = [name for name, value in msgspec.structs.asdict(effect).items() if value]
            told = [part for part in (type_, status_ and f"status={status_}") if part] or given
            return f"Record({', '.join(told)})"
        case Publish(event=event):
            return f"Publish({event.type})"
        case Settle(commit=commit, use=use):
            of = ", transfer" if use else ""
            return f"Settle({'commit' if commit else 'release'}{of})"
        case _:
            return type(effect).__name__


if __name__ == "__main__":
    PATH.write_text(document())
