"""Whole calls told as plays, whose journals are committed as samples of what databases hold.

A committed journal is never written anew: it is the past, and code of today has to read it. A new
play gets its file from `python -m tests.architecture.names`; one that is there stays as it is.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from media.agent import Agent
from media.call import begin, step
from media.dialogue import Turn
from media.effects import Effect, Publish, Record, Say, Settle
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
    OperatorLeft,
    OperatorSaid,
    PlaybackStarted,
    RecordingAnswered,
    RecordingAsked,
    RecordPauseAsked,
    RecordStartAsked,
    RecordStopAsked,
    Requested,
    Sentence,
    StreamStarted,
    StreamStopped,
    TakeoverReleased,
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
from media.settings import Settings
from media.tools import Tool, ToolCall
from tests.support.script import SID, STREAM, Script, row, status

FOLDER = Path(__file__).parent / "names" / "journals"
NUMBER = "+12125550199"
SHOP = Agent(
    "1", "shop", "Shop", builtin_tools=("end_call",),
    tools=(Tool("find_order", "Finds an order.", '{"type": "object"}', "Let me look it up."),),
)  # fmt: skip


class Line(msgspec.Struct, frozen=True):
    """One row of a journal: epoch seconds and the event."""

    at: float
    event: Event


def _answers(play: Script, *sentences: str) -> Script:
    """The agent answers in these sentences, all of which are heard."""
    turn = _turn(play)
    play.hears(*(Sentence(turn, text) for text in sentences), GenerationFinished(turn)).later(0.2)
    return play.hears(PlaybackStarted(turn)).later(2.0).agent_finishes()


def _turn(play: Script) -> int:
    return play.is_in(Talking).turn


def _over(play: Script) -> Script:
    """The carrier tells that the call is over."""
    at = play.later(0.4).now - play.journal[0][0]
    return play.hears(status("completed", at, round(at)))


def _conversation() -> Script:
    play = Script().talking().hears(PlaybackStarted(1)).later(3.0).agent_finishes()
    _answers(play.caller_says("How do roses grow?"), "Slowly.", "They like the sun.")
    play.caller_says("And tulips?").caller_begins().later(0.5).caller_pauses("")
    play.later(1.0)
    return _over(_answers(play.caller_says("Thank you, goodbye."), "Goodbye!"))


def _voicemail() -> Script:
    play = Script().voicemail()
    said = play.the(Say)
    return _over(play.later(9.0).hears(TurnPlayed(said.turn, said.text, said.text)))


def _mailbox() -> Script:
    """Known by what it says, without any word of the carrier."""
    play = Script().waiting().hears(StreamStarted(STREAM)).caller_begins().later(3.0)
    play.caller_pauses("You have reached Anna. Please leave a message after the tone.")
    play.later(1.0).hears(ToneHeard("beep", 1000, 400, play.now)).later(0.3)
    said = play.the(Say)
    return _over(play.later(9.0).hears(TurnPlayed(said.turn, said.text, said.text)))


def _takeover() -> Script:
    play = Script().quiet().hears(ListenBegan("1")).caller_says("Is a person there?")
    play.hears(AiMuted("c-1")).later(1.0).hears(AiUnmuted("c-2"))
    play.taken_over().operator_says("I am Anna. How can I help?").caller_says("With my roses.")
    play.hears(OperatorLeft()).later(1.0).hears(TakeoverReleased("c-3"), ListenEnded("1"))
    _answers(play, "I am back.")
    play.hears(OperatorSaid("One moment, please.", interrupt=True, cause="c-4")).later(2.0)
    return _over(play.agent_finishes().hears(HangUpAsked("user")))


def _transfer() -> Script:
    play = Script().quiet().hears(TransferAsked(NUMBER, "c-1")).later(0.5)
    play.hears(TransferRefused(21220)).later(1.0).hears(TransferAsked(NUMBER, "c-2")).later(0.5)
    return play.hears(StreamStopped(STREAM), Transferred()).later(2.0)


def _transfer_unknown() -> Script:
    play = Script().quiet().hears(TransferAsked(NUMBER, "c-1")).later(0.5)
    return play.hears(TransferUnknown(), StreamStopped(STREAM)).later(5.0)


def _keys() -> Script:
    play = Script().quiet().hears(Keyed("5"), DtmfAsked("12#", "c-1")).later(1.0)
    return _over(play.hears(HangUpAsked("user")))


def _recording() -> Script:
    play = Script().quiet().hears(RecordingAsked("recording", 1, "en")).later(1.0)
    return _over(play.hears(RecordingAnswered(agreed=True, by="key"), HangUpAsked("user")))


def _recorded() -> Script:
    play = Script().quiet().hears(RecordStartAsked("c-1")).later(3.0).agent_finishes()
    play.caller_says("Yes, please.").agent_finishes().hears(RecordPauseAsked("c-2")).later(1.0)
    play.hears(RecordStartAsked("c-3")).later(1.0).hears(RecordStopAsked("c-4"))
    return _over(play.hears(HangUpAsked("user")))


def _lost_stream() -> Script:
    play = Script().quiet().hears(StreamStopped(STREAM)).later(2.0)
    play.hears(StreamStarted(STREAM)).later(2.0).agent_finishes()
    return _over(play.hears(StreamStopped(STREAM)).later(5.0))


def _engines_fail() -> Script:
    play = Script().quiet().caller_begins().later(1.0).caller_pauses()
    play.hears(EngineFailed("recogniser", 1)).later(2.0).agent_finishes()
    play.caller_says("Can you hear me?")
    play.hears(EngineFailed("thinker", _turn(play))).later(2.0).agent_finishes()
    play.caller_says("Hello?").hears(EngineFailed("thinker", _turn(play)))
    return _over(play.later(2.0).agent_finishes())


def _refused() -> Script:
    return Script().hears(DialRefused(21211, "invalid number"))


def _unknown() -> Script:
    return Script().hears(DialUnknown()).later(20.0).hears(CarrierSilent(answered=True))


def _broken() -> Script:
    return Script().waiting().hears(AmdVerdict("human", 900), StreamStarted(STREAM), Broken())


def _adopted() -> Script:
    play = Script().talking().hears(PlaybackStarted(1)).later(2.0)
    play.hears(Adopted(play.now - 0.5, reconnect=True)).later(1.0)
    play.hears(StreamStarted("MZ2")).later(3.0).agent_finishes()
    return _over(play.hears(NodeStopping()).later(2.0).agent_finishes())


def _budget() -> Script:
    play = Script().quiet().caller_begins().caller_pauses("How do roses grow?").later(1)
    play.hears(BudgetSpent(), Sentence(2, "Slowly."), GenerationFinished(2)).later(25.0)
    return _over(play.agent_finishes().later(3.0).agent_finishes())


def _operators_verdict() -> Script:
    play = Script().hears(Dialled(SID), Answered(SID), StreamStarted(STREAM)).later(2.0)
    play.hears(AmdVerdict("human", by="operator")).later(3.0).agent_finishes()
    return _over(play.later(180.0))


def _tools() -> Script:
    play = Script(agent=SHOP).quiet().caller_says("Where is my order?")
    play.hears(ToolCalled(2, ToolCall("a", "find_order", '{"id": 7}')), GenerationFinished(2))
    play.later(1.0).hears(ToolAnswered(1, "ok", "It is on its way."))
    _answers(play, "It is on its way.")
    goodbye = ToolCall("b", "end_call", '{"goodbye": "Have a nice day."}')
    play.caller_says("That is all.").hears(ToolCalled(3, goodbye), GenerationFinished(3))
    return _over(play.later(2.0).agent_finishes())


PLAYS: dict[str, Callable[[], Script]] = {
    "conversation": _conversation,
    "voicemail": _voicemail,
    "mailbox": _mailbox,
    "takeover": _takeover,
    "transfer": _transfer,
    "transfer-unknown": _transfer_unknown,
    "keys": _keys,
    "recording": _recording,
    "recorded": _recorded,
    "lost-stream": _lost_stream,
    "engines-fail": _engines_fail,
    "dial-refused": _refused,
    "dial-unknown": _unknown,
    "broken": _broken,
    "adopted": _adopted,
    "operators-verdict": _operators_verdict,
    "budget": _budget,
    "tools": _tools,
}


def write_missing() -> None:
    """A file for every play that has none."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, play in PLAYS.items():
        path = FOLDER / f"{name}.jsonl"
        if not path.exists():
            lines = [Line(at, event) for at, event in play().journal]
            first = lines[0].event
            assert isinstance(first, Requested)
            earlier = _earlier(lines[0].at)
            lines[0] = Line(lines[0].at, msgspec.structs.replace(first, earlier=earlier))
            path.write_bytes(msgspec.json.Encoder().encode_lines(lines))


def _earlier(at: float) -> tuple[Turn, ...]:
    return (Turn("caller", "Tell me about moss.", "Tell me about moss.", at - 86_400.0),)


def summaries() -> dict[str, Any]:
    """What each committed journal folds to today."""
    return {path.stem: _summary(_read(path)) for path in sorted(FOLDER.glob("*.jsonl"))}


def tags() -> set[str]:
    """Every event tag of the committed journals."""
    found: set[str] = set()
    for path in FOLDER.glob("*.jsonl"):
        for line in path.read_bytes().splitlines():
            found.add(msgspec.json.decode(line)["event"]["type"])
    return found


def _read(path: Path) -> list[Line]:
    return msgspec.json.Decoder(Line).decode_lines(path.read_bytes())


def _summary(lines: list[Line]) -> dict[str, Any]:
    first = lines[0].event
    assert isinstance(first, Requested)
    effects: list[Effect]
    call, effects = begin(Settings(), first, lines[0].at)
    for line in lines[1:]:
        call, more = step(call, line.event, line.at)
        effects += more
    told = row(effects)
    return {
        "phase": call.phase.__struct_config__.tag,
        "status": told.get("status"),
        "answered_by": told.get("answered_by"),
        "end_reason": told.get("end_reason"),
        "settled": [effect.commit for effect in effects if isinstance(effect, Settle)],
        "transcript": [[turn.speaker, turn.text, turn.heard] for turn in call.facts.turns],
        "told": sorted(
            {effect.event.type for effect in effects if isinstance(effect, Publish)}
            | {effect.type for effect in effects if isinstance(effect, Record) and effect.type}
        ),
    }
