"""Talking: a human (or somebody taken for one) and the agent hold a conversation.

Turn taking, barge-in, hints about time, silence and failing engines are decided here, from facts
alone. It knows nothing of sound, vendors or rows; a late answer carries an old turn number and
falls through.
"""

from typing import TypeAlias

from msgspec.structs import replace

from media import published
from media.dialogue import unheard
from media.effects import (
    Effect,
    EndTurn,
    OpenMic,
    Publish,
    Record,
    Settle,
    StopPlayback,
    StopThinking,
    TakeUtterance,
    Think,
)
from media.events import (
    Adopted,
    AmdVerdict,
    BudgetSpent,
    EngineFailed,
    Event,
    GenerationFinished,
    Keyed,
    NodeStopping,
    OperatorSaid,
    PlaybackStarted,
    Recognised,
    Sentence,
    SpeechBegan,
    SpeechPaused,
    StreamStarted,
    StreamStopped,
    Tick,
    ToolAnswered,
    ToolCalled,
    Transferred,
    TurnPlayed,
)
from media.phases.ending import Ended, Ending, end, finish, transfer_told
from media.phases.facts import CallFacts
from media.phases.talking import overlap, recording, tools
from media.phases.talking.controls import (
    connect,
    control,
    control_due,
    control_tick,
    is_control,
)
from media.phases.talking.line import adopted, keep_last_words, line_is_back, line_lost
from media.phases.talking.patience import budget_spent, patience_is_over, remind
from media.phases.talking.standby import (
    standby_operator_said,
    standby_turn_played,
    while_on_standby,
)
from media.phases.talking.state import (
    Draft,
    Talking,
    listen,
    metrics,
    next_deadline,
    say,
    say_all,
    say_pending,
)
from media.phases.talking.turn_state import (
    Away,
    CallerPaused,
    CallerSpeaking,
    Quiet,
    Speaking,
    Standby,
    Thinking,
)
from media.phases.talking.turns import (
    caller_began,
    caller_paused,
    keyed,
    recognised,
    sentence,
    unspoken_sentence,
)
from media.settings import Settings

Left: TypeAlias = tuple[CallFacts, Ending | Ended, list[Effect]]
Move: TypeAlias = tuple[CallFacts, Talking | Ending | Ended, list[Effect]]


def enter(
    facts: CallFacts, now: float, settings: Settings, *, assumed: bool, turn: int = 0
) -> Move:
    """Open the conversation with the prepared greeting; from here on the call counts. `turn` is the
    last one before it."""
    counts: list[Effect] = [] if facts.counted else [Settle(commit=True)]
    facts = replace(facts, counted=True)
    phase = Talking(
        began_at=now, assumed=assumed, turn_state=Quiet(until=now), deadline=now, turn=turn
    )
    draft = Draft(facts, phase, now, settings)
    if recording.asks_first(settings, facts):
        recording.begin(draft)
    say_all(draft, recording.first_turn(settings, facts))
    draft.emit(
        OpenMic(),
        Record(
            type="call.talking",
            status="talking",
            waiting_room="completed" if facts.waited else None,
        ),
        *counts,
    )
    return _frozen(draft)


def talking(facts: CallFacts, phase: Talking, event: Event, now: float, settings: Settings) -> Move:
    """React to one fact."""
    draft = Draft(facts, phase, now, settings)
    left = _react(draft, event)
    if left is None:
        return _frozen(draft)
    facts, after, effects = left
    begun = [effect for effect in draft.effects if not isinstance(effect, Think)]
    return facts, after, begun + effects  # nobody is left to think for


def adopt_talk(
    facts: CallFacts, phase: Talking, event: Adopted, now: float, settings: Settings
) -> tuple[CallFacts, Talking, list[Effect]]:
    """Another node goes on with the conversation, once there is sound."""
    draft = Draft(facts, phase, now, settings)
    tools.lost(draft)
    adopted(draft, event)
    return _frozen(draft)


def _frozen(draft: Draft) -> tuple[CallFacts, Talking, list[Effect]]:
    deadline = next_deadline(draft.talk, draft.settings.conversation)
    if deadline != draft.talk.deadline:
        draft.set(deadline=deadline)
    return draft.facts, draft.talk, draft.effects


def _react(draft: Draft, event: Event) -> Left | None:
    """Work on one event; where the call goes if the conversation is over, None if it is not."""
    match event:
        case Tick():
            return _tick(draft)
        case AmdVerdict():  # that it is no person, would have led elsewhere
            draft.set(assumed=False)
        case _ if is_control(event):
            return _transferred(draft) if control(draft, event) else None
        case TurnPlayed():
            return _turn_played(draft, event)
        case EngineFailed(engine="voice", ref=ref) if _are_last_words(draft.talk, ref):
            return _end(draft, draft.talk.closing)
        case StreamStopped():
            line_lost(draft)
        case StreamStarted():
            line_is_back(draft)
        case NodeStopping():
            return _node_stops(draft)
        case BudgetSpent() | ToolAnswered() | OperatorSaid():
            _told(draft, event)
        case _ if isinstance(draft.talk.turn_state, Away):
            pass
        case _ if isinstance(draft.talk.turn_state, Standby):
            while_on_standby(draft, draft.talk.turn_state, event)
        case Keyed():
            keyed(draft, event.digit)
        case _ if getattr(event, "side", "caller") == "operator":  # too late
            pass
        case _:
            _converse(draft, event)
    return None


def _told(draft: Draft, event: BudgetSpent | ToolAnswered | OperatorSaid) -> None:
    """What counts whoever speaks, and whether there is a line or not."""
    match event:
        case BudgetSpent():
            budget_spent(draft)
        case ToolAnswered():
            tools.answered(draft, event)
        case OperatorSaid():
            _operator_said(draft, event)


def _converse(draft: Draft, event: Event) -> None:
    """Caller and agent take turns."""
    talk, event = draft.talk, _of_its_turn(draft.talk, event)
    match event:
        case SpeechBegan():
            caller_began(draft, event)
        case SpeechPaused():
            caller_paused(draft, event)
        case Recognised():
            recognised(draft, event)
        case Sentence() if event.turn == talk.turn and isinstance(
            talk.turn_state, Thinking | Speaking
        ):
            sentence(draft, event)
        case Sentence() if event.turn == talk.turn:
            unspoken_sentence(draft, event)
        case ToolCalled() if event.turn == talk.turn and isinstance(
            talk.turn_state, Thinking | Speaking
        ):
            tools.called(draft, event)
        case GenerationFinished() if event.turn == talk.turn:
            draft.set(is_answering=False)
            if tools.goes_on(draft):
                pass
            elif talk.transfer_to and isinstance(talk.turn_state, Thinking):
                connect(draft)
            elif isinstance(talk.turn_state, Thinking):  # an answer without words has failed
                _failed(draft, EngineFailed("thinker", event.turn))
            elif isinstance(talk.turn_state, Speaking):
                draft.emit(EndTurn(event.turn))
        case PlaybackStarted():
            _playback_started(draft, event)
        case EngineFailed():
            _failed(draft, event)
        case _:
            pass


def _of_its_turn(talk: Talking, event: Event) -> Event:
    """What comes of an answer belongs to the turn that says the rest of it, if any."""
    if talk.turn != talk.rest_turn:
        return event
    match event:
        case Sentence(turn=turn) | ToolCalled(turn=turn) | GenerationFinished(turn=turn) if (
            turn == talk.answer_turn
        ):
            return replace(event, turn=talk.turn)
        case EngineFailed(engine="thinker", ref=turn) if turn == talk.answer_turn:
            return replace(event, ref=talk.turn)
        case _:
            return event


def _playback_started(draft: Draft, event: PlaybackStarted) -> None:
    turn_state, timer = draft.talk.turn_state, draft.talk.timer
    if isinstance(turn_state, Speaking) and turn_state.turn == event.turn:
        draft.set(turn_state=replace(turn_state, began_at=draft.now))
    if timer and timer.thought_at and event.turn == timer.turn:
        draft.set(timer=None)
        draft.emit(metrics(timer, draft.now))


def _node_stops(draft: Draft) -> Left | None:
    """Say goodbye if anybody listens to us; a transfer goes on without us."""
    turn_state = draft.talk.turn_state
    if isinstance(turn_state, Away | Standby):
        return _end(draft, "server_stopping")
    keep_last_words(draft)
    if isinstance(turn_state, CallerSpeaking | CallerPaused):  # what follows is another utterance
        draft.emit(TakeUtterance(turn_state.utterance))
    draft.emit(StopThinking(), StopPlayback())
    say(draft, draft.settings.conversation.stopping_goodbye, "server_stopping")
    return None


def hung_up(
    facts: CallFacts, phase: Talking, now: float, settings: Settings
) -> tuple[CallFacts, list[Effect]]:
    """The caller is gone, perhaps in the middle of a sentence."""
    draft = Draft(facts, phase, now, settings)
    keep_last_words(draft)
    return draft.facts, draft.effects


def _end(draft: Draft, reason: str, *before: Effect) -> Left:
    keep_last_words(draft)
    return end(draft.facts, reason, draft.now, *before)


def _transferred(draft: Draft) -> Left:
    keep_last_words(draft)
    facts, settled = transfer_told(draft.facts, Transferred())
    draft.emit(*settled)
    return finish(facts, "ended", "transferred", draft.now, None)


def _are_last_words(talk: Talking, turn: int) -> bool:
    return (
        talk.closing != ""
        and isinstance(talk.turn_state, Speaking)
        and talk.turn_state.turn == turn
    )


def _turn_played(draft: Draft, event: TurnPlayed) -> Left | None:
    """A turn was played or cut off; whose turn is it next?"""
    talk, settings = draft.talk, draft.settings.conversation
    turn_state = talk.turn_state
    if event.turn == talk.turn == talk.answer_turn and len(event.heard) > len(talk.filler):
        draft.set(failures=0)  # an answer was heard
    if isinstance(turn_state, Standby):
        standby_turn_played(draft, turn_state, event)
    elif event.turn != talk.turn:
        pass
    elif event.cut:
        if isinstance(turn_state, CallerSpeaking | CallerPaused | Away):
            left = unheard(turn_state.unspoken_text, event.heard)
            draft.set(turn_state=replace(turn_state, unspoken_text=left))
        elif isinstance(turn_state, Speaking):  # the line is gone, as will be told next
            draft.set(turn_state=replace(turn_state, text=unheard(turn_state.text, event.heard)))
    elif not isinstance(turn_state, Speaking):
        pass
    elif talk.closing:
        return _end(draft, talk.closing)
    elif talk.pending:
        say_pending(draft)
    elif talk.transfer_to:
        connect(draft)
    elif talk.hint == "urgent":
        say(draft, settings.time_goodbye, draft.talk.limit)
    elif not (overlap.goes_on(draft) or (recording.is_due(draft) and recording.ask(draft))):
        listen(draft, draft.now + settings.silence_prompt_seconds)
    return None


def _operator_said(draft: Draft, event: OperatorSaid) -> None:
    waiting = draft.talk.pending
    draft.set(pending=(event, *waiting) if event.interrupt else (*waiting, event))
    turn_state = draft.talk.turn_state
    if isinstance(turn_state, Standby):
        standby_operator_said(draft, turn_state, event)
    elif isinstance(turn_state, Quiet):
        say_pending(draft)
    elif event.interrupt and not isinstance(turn_state, Away):
        overlap.cut_in(draft)
        draft.emit(StopThinking(), StopPlayback())
        say_pending(draft)


def _failed(draft: Draft, event: EngineFailed) -> None:
    """An engine failed the current turn: the caller hears a short sentence, never silence."""
    if event.engine == "thinker" and event.ref == draft.talk.turn:
        draft.set(is_answering=False)
    match draft.talk.turn_state:
        case CallerPaused(utterance=ref) if event.engine == "recogniser" and event.ref == ref:
            draft.emit(TakeUtterance(ref))
        case Thinking(turn=ref) | Speaking(turn=ref) if (
            event.engine != "recogniser" and event.ref == ref
        ):
            draft.emit(StopThinking(), StopPlayback())
        case _:
            return
    draft.emit(Publish(published.EngineFailed(engine=event.engine)))
    settings, closing = draft.settings.conversation, draft.talk.closing
    draft.set(failures=draft.talk.failures + 1)
    if closing or draft.talk.failures > settings.failures_allowed:
        say(draft, settings.sorry_goodbye, closing or "engine_failure")
    else:
        say(draft, settings.sorry_again)


def _tick(draft: Draft) -> Left | None:
    """A deadline has passed: which?"""
    talk, now, settings = draft.talk, draft.now, draft.settings.conversation
    transferring = talk.transfer_until is not None
    if isinstance(talk.turn_state, Away) and now >= talk.turn_state.until and not transferring:
        return _end(draft, "media_lost")
    if control_due(talk, now):
        return _transferred(draft) if control_tick(draft) else _tick(draft)
    if not transferring:
        if talk.closing and isinstance(talk.turn_state, Quiet):
            return _end(draft, talk.closing)
        if now >= talk.began_at + settings.limit_seconds:
            return _end(draft, talk.closing or talk.limit, StopThinking(), StopPlayback())
    reminded = remind(draft)
    patience_is_over(draft, reminded=reminded)
    return None
