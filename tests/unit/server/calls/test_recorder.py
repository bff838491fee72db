"""How long an entry of the journal may wait for others: as long as nobody waits for it. And in
whatever groups entries are committed, none passes another that it must not."""

import uuid
from collections.abc import Sequence
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.effects import Publish, Record, Settle
from media.events import Event, Keyed, Recognised, SpeechBegan, ToneHeard, TurnPlayed
from media.ports import Emitted
from media.published import AgentMuted, AgentState, TranscriptFinal
from server.calls import recorder as recorders
from server.calls.recorder import (
    GROUP_SECONDS,
    IDLE_SECONDS,
    QUIET_SECONDS,
    Recorder,
    patience,
)
from server.calls.writing import Entry
from server.core.node import Node
from server.live.hub import Hub

SAID = Publish(TranscriptFinal("caller", "Hello.", "Hello."))
PASSING = Publish(AgentState("listening"), key="state")


@pytest.mark.parametrize(
    "emitted",
    [
        [Record(status="ringing", type="call.ringing")],
        [Record(waiting_room="waiting")],
        [PASSING, Settle(commit=True)],
        [Publish(AgentMuted(), cause="c-1")],
        [SAID, Record(status="ended", type="call.ended")],
    ],
)
def test_what_somebody_waits_for_is_committed_at_once(emitted: list[Emitted]) -> None:
    for event in (Keyed("1"), SpeechBegan(1)):
        assert patience(event, emitted, is_watched=False) == GROUP_SECONDS


@pytest.mark.parametrize("event", [TurnPlayed(1, "a", "a"), Recognised(1, 1, "a"), Keyed("1")])
@pytest.mark.parametrize("emitted", [[], [PASSING], [SAID], [PASSING, SAID]])
def test_what_was_said_waits_a_quarter_of_a_second_unless_it_is_watched(
    event: Event, emitted: list[Emitted]
) -> None:
    assert patience(event, emitted, is_watched=False) == QUIET_SECONDS
    watched = patience(event, emitted, is_watched=True)
    assert watched == (GROUP_SECONDS if SAID in emitted else QUIET_SECONDS)


@pytest.mark.parametrize("event", [SpeechBegan(1), ToneHeard("music", 0, 900, 1.0)])
@pytest.mark.parametrize("is_watched", [True, False])
def test_what_is_lost_with_the_sound_anyway_waits_longest(event: Event, is_watched: bool) -> None:
    assert patience(event, [], is_watched=is_watched) == IDLE_SECONDS
    assert patience(event, [PASSING], is_watched=is_watched) == IDLE_SECONDS
    assert patience(event, [SAID], is_watched=False) == QUIET_SECONDS


class Groups(Recorder):
    """A recorder whose transactions end as a test says: well, without an answer, or, as long as
    they are of several entries, refused."""

    def __init__(self, ends: Sequence[Exception | None]) -> None:
        super().__init__(cast("Node", None), Hub(), lambda *_: None)
        self.ends = list(ends)
        self.kept: list[Entry] = []

    async def _write(self, group: Sequence[Entry]) -> set[tuple[uuid.UUID, int]]:
        end = self.ends.pop() if self.ends else None
        if end is not None and (end is AWAY or len(group) > 1):
            raise end
        if any(entry.event == AT_FAULT for entry in group):
            raise REFUSED
        self.kept += group
        return set()


CALLS = [uuid.UUID(int=at) for at in range(4)]
USER = uuid.UUID(int=9)
KINDS: list[tuple[Event, tuple[Emitted, ...]]] = [
    (SpeechBegan(1), ()), (Keyed("1"), ()), (Keyed("1"), (SAID,)),
    (Keyed("1"), (Record(status="ringing", type="call.ringing"),)),
]  # fmt: skip
AWAY, REFUSED = TimeoutError(), ValueError()
AT_FAULT = Keyed("#")


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(CALLS), st.sampled_from(KINDS), st.booleans()), max_size=40),
    st.lists(st.sampled_from([None, AWAY, REFUSED]), max_size=10),
)
async def test_neither_a_calls_entries_nor_a_users_events_pass_each_other(
    given: list[tuple[uuid.UUID, tuple[Event, tuple[Emitted, ...]], bool]],
    ends: list[Exception | None],
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(recorders, "MOST_ENTRIES", 5)
        patched.setattr(recorders, "RETRY_SECONDS", 0.0)
        recorder = Groups(ends)
        made = [
            Entry(call_id, USER, 1, seq, 1.0, event, emitted)
            for seq, (call_id, (event, emitted), _) in enumerate(given)
        ]
        for entry, (_, _, is_committed) in zip(made, given, strict=True):
            recorder.submit(entry)
            if is_committed:
                await recorder._commit_group()
        recorder._due = [0.0] * recorder.backlog  # as `settled` has it
        while recorder.backlog:
            await recorder._commit_group()
    for call_id in CALLS:
        of_call = [entry for entry in made if entry.call_id == call_id]
        assert [entry for entry in recorder.kept if entry.call_id == call_id] == of_call
    told = [entry for entry in recorder.kept if entry.emitted]
    assert told == [entry for entry in made if entry.emitted]


@pytest.mark.parametrize("place", [0, 123, 499])
async def test_an_entry_at_fault_is_found_in_a_few_transactions(place: int) -> None:
    recorder, tries = Groups([]), 0
    made = [
        Entry(CALLS[seq % 4], USER, 1, seq, 1.0, AT_FAULT if seq == place else Keyed("1"), ())
        for seq in range(500)
    ]
    for entry in made:
        recorder.submit(entry)
    while recorder.backlog:
        await recorder._commit_group()
        tries += 1
    assert recorder.kept == [entry for entry in made if entry.seq != place]
    assert tries < 30
