"""Outbound sound: paced a little ahead of the clock, and honest about what was heard."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.dialogue import cut_at_word
from media.events import PlaybackStarted, TurnPlayed
from media.playback.speaking import AskMark, Clear, Fact, Outgoing, Play, Speaking
from media.settings import SpeechSettings

SETTINGS = SpeechSettings(lead_ms=350, packet_ms=100, mark_every_ms=400, sentence_gap_ms=120)
SECOND = b"\x10" * 8000
TEXT = "one two three four five six seven eight nine ten"
T = 1000.0


def mouth(settings: SpeechSettings = SETTINGS) -> Speaking:
    return Speaking(settings)


def say(speaking: Speaking, turn: int, text: str, sound: bytes, *, ended: bool = True) -> None:
    speaking.begin_sentence(turn, text)
    speaking.push(sound)
    speaking.end_sentence()
    if ended:
        speaking.end_turn(turn)


def run(speaking: Speaking, since: float, until: float) -> tuple[list[Outgoing], list[Fact]]:
    """Pull whenever it is due, as the socket's writer does, up to a time."""
    out, facts = speaking.pull(since)
    while (due := speaking.due(since)) is not None and due <= until:
        assert due > since, "pulling again at once brought nothing: the writer would spin"
        since = due
        more, told = speaking.pull(since)
        out += more
        facts += told
    return out, facts


def sent(out: list[Outgoing]) -> bytes:
    return b"".join(item.mulaw for item in out if isinstance(item, Play))


def marks(out: list[Outgoing]) -> list[str]:
    return [item.name for item in out if isinstance(item, AskMark)]


def spoken(facts: list[Fact]) -> list[TurnPlayed]:
    return [fact for fact in facts if isinstance(fact, TurnPlayed)]


def test_sound_is_sent_one_lead_ahead_and_no_further() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND)
    out, facts = speaking.pull(T)
    assert len(sent(out)) == 8 * 400
    assert facts == [PlaybackStarted(1)]
    assert speaking.due(T) == pytest.approx(T + 0.05)
    assert speaking.pull(T + 0.04) == ([], [])
    out, _ = run(speaking, T + 0.04, T + 0.5)
    assert len(sent(out)) == 8 * 500


def test_what_is_due_a_little_later_goes_with_it() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND)
    speaking.pull(T)
    assert speaking.due(T) == pytest.approx(T + 0.05)
    assert sent(speaking.pull(T + 0.02, early=0.02)[0]) == b""
    assert len(sent(speaking.pull(T + 0.035, early=0.02)[0])) == 800
    assert speaking.due(T + 0.035) == pytest.approx(T + 0.15)


def test_all_sound_is_sent_in_order_and_in_whole_frames() -> None:
    speaking = mouth()
    sound = bytes(range(256)) * 30 + b"\x01" * 7
    say(speaking, 1, TEXT, sound)
    out, _ = run(speaking, T, T + 5)
    assert sent(out) == sound + b"\xff" * (-len(sound) % 160)


def test_half_a_frame_waits_for_its_other_half() -> None:
    speaking = mouth()
    speaking.begin_sentence(1, TEXT)
    speaking.push(b"\x10" * 100)
    assert speaking.pull(T) == ([], [])
    assert speaking.due(T) is None
    speaking.push(b"\x10" * 60)
    assert sent(speaking.pull(T)[0]) == b"\x10" * 160


def test_a_late_voice_starts_a_new_lead_instead_of_racing_after_the_clock() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND, ended=False)
    run(speaking, T, T + 1)
    say(speaking, 1, TEXT, SECOND)
    out, _ = speaking.pull(T + 60)
    assert len(sent(out)) == 8 * 400


def test_sentences_of_a_turn_are_a_breath_apart_and_turns_are_not() -> None:
    speaking = mouth()
    say(speaking, 1, "one", b"\x10" * 160, ended=False)
    say(speaking, 1, "two", b"\x20" * 160)
    say(speaking, 2, "three", b"\x30" * 160)
    out, _ = run(speaking, T, T + 1)
    assert sent(out) == b"\x10" * 160 + b"\xff" * 960 + b"\x20" * 160 + b"\x30" * 160


def test_a_turn_is_over_when_its_mark_returns() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND)
    out, facts = run(speaking, T, T + 0.9)
    *early, last = marks(out)
    assert spoken(facts) == []
    assert [fact for name in early for fact in speaking.on_mark(name)] == []
    assert speaking.on_mark(last) == [TurnPlayed(1, TEXT, TEXT)]
    assert speaking.due(T + 0.9) is None


def test_marks_are_asked_for_often_enough_to_know_what_was_heard() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND * 4)
    out, _ = run(speaking, T, T + 4)
    assert len(marks(out)) == 10


def test_a_turn_without_any_sound_is_over_at_once() -> None:
    speaking = mouth()
    speaking.end_turn(3)
    out, facts = speaking.pull(T)
    assert [*facts, *(fact for name in marks(out) for fact in speaking.on_mark(name))] == [
        TurnPlayed(3, "", "")
    ]


def test_a_mark_that_never_returns_is_not_waited_for_for_ever() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND)
    _, facts = run(speaking, T, T + 2.9)
    assert spoken(facts) == []
    _, facts = run(speaking, T + 2.9, T + 4)
    assert spoken(facts) == [TurnPlayed(1, TEXT, TEXT)]
    assert speaking.due(T + 4) is None


def test_forged_repeated_and_garbled_marks_prove_nothing() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND)
    out, _ = run(speaking, T, T + 0.9)
    for name in ("", "0:", "0:8000000", "0:²", "9:8000", "hello", ":", "0:" + "9" * 5000, "0:160"):
        assert speaking.on_mark(name) == []
    (fact,) = speaking.on_mark(marks(out)[-1])
    assert isinstance(fact, TurnPlayed)
    assert speaking.on_mark(marks(out)[-1]) == []


def test_marks_flushed_by_a_clear_prove_nothing_about_what_follows() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND)
    old = marks(run(speaking, T, T + 0.9)[0])
    speaking.stop_playback(T + 0.9)
    say(speaking, 2, TEXT, SECOND)
    run(speaking, T + 0.9, T + 1.8)
    assert [fact for name in old for fact in speaking.on_mark(name)] == []


def test_hush_always_clears_and_tells_what_was_heard_up_to_a_word() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND)
    run(speaking, T, T + 0.5)
    out, facts = speaking.stop_playback(T + 0.5)
    assert out == [Clear()]
    assert facts == [TurnPlayed(1, TEXT, cut_at_word(TEXT, 0.5), cut=True)]
    assert speaking.stop_playback(T + 0.5) == ([Clear()], [])


def test_after_a_hush_the_next_words_are_sent_at_once() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND)
    speaking.pull(T)
    speaking.stop_playback(T)
    say(speaking, 2, TEXT, SECOND)
    assert len(sent(speaking.pull(T)[0])) == 8 * 400


def test_what_was_sent_but_not_played_yet_was_not_heard() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND)
    speaking.pull(T)
    assert spoken(speaking.stop_playback(T)[1]) == [TurnPlayed(1, TEXT, "", cut=True)]


def test_a_returned_mark_proves_more_than_our_clock() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND)
    (mark,) = marks(speaking.pull(T)[0])
    speaking.on_mark(mark)
    assert spoken(speaking.stop_playback(T)[1]) == [
        TurnPlayed(1, TEXT, cut_at_word(TEXT, 0.4), cut=True)
    ]


def test_sentences_before_the_cut_count_whole_and_those_after_it_not_at_all() -> None:
    speaking = mouth()
    for text in ("First one.", "Second one here.", "Third one."):
        say(speaking, 1, text, SECOND, ended=False)
    run(speaking, T, T + 1.9)
    (fact,) = spoken(speaking.stop_playback(T + 1.9)[1])
    assert fact.text == "First one. Second one here. Third one."
    assert fact.heard == "First one. Second one"


def test_a_sentence_still_being_made_is_cut_by_its_usual_length() -> None:
    speaking = mouth()
    speaking.begin_sentence(1, TEXT)
    speaking.push(SECOND)
    run(speaking, T, T + 1)
    (fact,) = spoken(speaking.stop_playback(T + 1)[1])
    assert fact.heard == cut_at_word(TEXT, 8000 / (len(TEXT) * 550))


def test_sound_of_a_hushed_sentence_that_comes_late_is_dropped() -> None:
    speaking = mouth()
    speaking.begin_sentence(1, TEXT)
    speaking.push(SECOND)
    speaking.stop_playback(T)
    speaking.push(SECOND)
    speaking.end_sentence()
    assert speaking.pull(T) == ([], [])


def test_a_turn_that_nobody_ended_does_not_block_the_next() -> None:
    speaking = mouth()
    say(speaking, 1, "one", SECOND, ended=False)
    say(speaking, 2, "two", SECOND)
    out, facts = run(speaking, T, T + 1.9)
    facts += [fact for name in marks(out) for fact in speaking.on_mark(name)]
    assert spoken(facts) == [TurnPlayed(1, "one", "one"), TurnPlayed(2, "two", "two")]


def test_a_sentence_of_no_words_does_no_harm() -> None:
    speaking = mouth()
    speaking.begin_sentence(1, "")
    speaking.push(SECOND)
    run(speaking, T, T + 1)
    assert spoken(speaking.stop_playback(T + 1)[1]) == [TurnPlayed(1, "", "", cut=True)]


class Carrier:
    """The far end's playback buffer: what it has, what it has played, which marks it returns."""

    def __init__(self) -> None:
        self.playing_until = 0.0
        self.queue: list[tuple[float, str]] = []
        self.received = 0

    def take(self, out: list[Outgoing], now: float) -> None:
        for item in out:
            match item:
                case Play(mulaw=mulaw):
                    self.received += len(mulaw)
                    self.playing_until = max(self.playing_until, now) + len(mulaw) / 8000
                case AskMark(name=name):
                    self.queue.append((max(self.playing_until, now), name))
                case Clear():
                    self.playing_until = now
                    self.queue = [(now, name) for _, name in self.queue]

    def due(self, now: float) -> list[str]:
        ready = [name for at, name in self.queue if at <= now]
        self.queue = [(at, name) for at, name in self.queue if at > now]
        return ready


actions = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.integers(0, 20_000)),
        st.tuples(st.just("wait"), st.integers(1, 3000)),
        st.tuples(st.just("hush"), st.just(0)),
        st.tuples(st.sampled_from(["keys", "operator"]), st.integers(1, 5000)),
    ),
    max_size=20,
)


@settings(max_examples=100, deadline=None)
@given(actions, st.integers(1, 500), st.integers(0, 300), st.booleans())
def test_whatever_is_said_and_hushed_the_books_balance(
    plan: list[tuple[str, int]], lead_ms: int, packet_ms: int, answers: bool
) -> None:
    """Against a carrier that plays in real time and returns its marks, or never any."""
    chosen = SpeechSettings(lead_ms=lead_ms, packet_ms=packet_ms)
    speaking, carrier, now, turn = Speaking(chosen), Carrier(), T, 0
    facts: list[Fact] = []
    for kind, amount in [*plan, ("wait", 60_000)]:
        match kind:
            case "say":
                turn += 1
                say(speaking, turn, TEXT, b"\x10" * amount)
            case "keys":
                speaking.insert(b"\x55" * 160 * (amount % 50))
            case "operator":
                through(speaking, b"\x20" * (amount % 5000), now)
            case "hush":
                out, told = speaking.stop_playback(now)
                carrier.take(out, now)
                facts += told
            case _:
                until = now + amount / 1000
                while now < until:
                    out, told = speaking.pull(now)
                    facts += told
                    carrier.take(out, now)
                    assert all(len(p.mulaw) % 160 == 0 for p in out if isinstance(p, Play))
                    ahead = carrier.playing_until - now
                    assert ahead <= max(lead_ms, 120) / 1000 + max(packet_ms, 20) / 1000 + 1e-6
                    due = speaking.due(now)
                    assert due is None or due > now
                    for name in carrier.due(now):
                        facts += speaking.on_mark(name) if answers else []
                    due = speaking.due(now)
                    if due is not None and due <= now:
                        continue  # a mark made room for an operator: the writer is woken
                    step = [at for at, _ in carrier.queue] + ([] if due is None else [due])
                    now = min([until, *(at for at in step if at > now)])
    ends = spoken(facts)
    assert [fact.turn for fact in ends] == list(range(1, turn + 1)), "each turn ends exactly once"
    assert all(TEXT.startswith(fact.heard) for fact in ends)
    assert all(fact.heard == TEXT for fact in ends if not fact.cut)
    assert speaking.due(now) is None


# An operator's own voice, and keys


def through(speaking: Speaking, sound: bytes, now: float) -> None:
    for at in range(0, len(sound), 160):
        speaking.pass_through(sound[at : at + 160], now)


def test_an_operators_voice_starts_with_a_little_in_reserve_and_keeps_a_short_lead() -> None:
    speaking = mouth()
    through(speaking, b"\x10" * 320, T)
    assert sent(speaking.pull(T)[0]) == b""
    through(speaking, b"\x10" * 160, T + 0.02)
    out, _ = speaking.pull(T + 0.02)
    assert len(sent(out)) == 480
    assert all(item.by_operator for item in out if isinstance(item, Play))
    through(speaking, b"\x10" * 2400, T + 0.03)
    out, _ = run(speaking, T + 0.03, T + 0.03)
    ahead = 480 + len(sent(out)) - 80
    assert ahead <= 8 * (120 + 100 + 1)


def test_an_operator_who_is_behind_loses_the_oldest() -> None:
    speaking = mouth()
    through(speaking, b"\x10" * 8000 + b"\x20" * 3200, T)
    out, _ = run(speaking, T, T + 3)
    assert sent(out) == b"\x20" * 3200


def test_a_starved_operator_gathers_again_and_a_stopped_one_is_heard_out() -> None:
    speaking = mouth()
    through(speaking, b"\x10" * 480, T)
    run(speaking, T, T + 1)
    through(speaking, b"\x10" * 160, T + 1)
    assert sent(run(speaking, T + 1, T + 2)[0]) == b""
    speaking.pass_through(b"\x10" * 100, T + 2)
    speaking.end_through()
    assert sent(speaking.pull(T + 2)[0]) == b"\x10" * 260 + b"\xff" * 60


def test_queued_words_go_before_an_operators_voice_and_a_hush_takes_both() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND)
    through(speaking, b"\x20" * 3200, T)
    out, _ = run(speaking, T, T + 0.5)
    assert b"\x20" not in sent(out)
    speaking.stop_playback(T + 0.5)
    assert sent(run(speaking, T + 0.5, T + 2)[0]) == b""


def test_marks_of_an_operators_voice_are_asked_for_and_tell_of_no_turn() -> None:
    speaking = mouth()
    asked: list[str] = []
    for at in range(100):
        now = T + at * 0.02
        speaking.pass_through(b"\x10" * 160, now)
        asked += marks(speaking.pull(now)[0])
    assert len(asked) >= 4
    assert [fact for name in asked for fact in speaking.on_mark(name)] == []


def test_keys_are_heard_before_what_is_queued_and_nothing_is_lost() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND)
    first, _ = speaking.pull(T)
    speaking.insert(b"\x55" * 1600)
    out, _ = run(speaking, T, T + 1.3)
    assert sent(out) == b"\x55" * 1600 + SECOND[len(sent(first)) :]
    (told,) = [fact for name in marks(out) for fact in speaking.on_mark(name)]
    assert told == TurnPlayed(1, TEXT, TEXT)


def test_what_was_heard_is_still_right_when_keys_came_in_between() -> None:
    speaking = mouth()
    say(speaking, 1, TEXT, SECOND, ended=False)
    speaking.pull(T)  # 400 ms are with the carrier
    speaking.insert(b"\x55" * 1600)
    run(speaking, T, T + 0.6)
    _, (told,) = speaking.stop_playback(T + 0.6)
    assert isinstance(told, TurnPlayed)
    assert told.heard == cut_at_word(TEXT, 0.4 * 8000 / 9600 + 0.16)


def stopped(at: float) -> Speaking:
    """Two sentences, of distinct sound, stopped when so many seconds of them were heard."""
    speaking = mouth()
    say(speaking, 1, TEXT, b"\x10" * 4000 + b"\xff" * 160 + b"\x20" * 3840, ended=False)
    say(speaking, 1, "And more.", b"\x30" * 8000)
    run(speaking, T, T + at)
    speaking.stop_playback(T + at)
    return speaking


def resumed(speaking: Speaking) -> bytes:
    speaking.end_turn(2)
    out, facts = run(speaking, T + 10, T + 20)
    assert [fact.text for fact in spoken(facts)] != []
    return sent(out)


def test_what_was_cut_off_goes_on_from_the_same_sound_at_a_pause_between_words() -> None:
    speaking = stopped(0.8)
    assert speaking.resume(2, "eight nine ten And more.") == ""
    sound = resumed(speaking)
    assert sound.startswith(b"\xff" * 160 + b"\x20" * 3840)
    assert sound.rstrip(b"\xff").endswith(b"\x30" * 8000)


def test_words_without_sound_are_left_to_be_spoken() -> None:
    speaking = stopped(0.8)
    assert speaking.resume(2, "eight nine ten And more. And yet more.") == "And yet more."


def test_a_sentence_that_was_heard_is_not_said_again() -> None:
    speaking = stopped(1.3)
    assert speaking.resume(2, "And more.") == ""
    assert b"\x20" not in resumed(speaking)


@pytest.mark.parametrize("text", ["nine ten And more.", "Something else.", ""])
def test_other_words_are_spoken_anew(text: str) -> None:
    assert stopped(0.8).resume(2, text) == text


def test_once_something_else_was_said_it_is_forgotten() -> None:
    speaking = stopped(0.8)
    say(speaking, 2, "Sorry.", SECOND)
    assert speaking.resume(2, "eight nine ten And more.") == "eight nine ten And more."


def test_who_made_a_sentence_is_told_how_much_was_heard_and_tells_its_words() -> None:
    speaking, cuts = mouth(), list[tuple[str, int]]()

    def cut(text: str, heard_bytes: int) -> str:
        cuts.append((text, heard_bytes))
        return text[: 3 * bool(heard_bytes)]

    say(speaking, 1, "one", SECOND, ended=False)
    speaking.begin_sentence(1, "two too", cut)
    speaking.push(SECOND)
    speaking.end_sentence()
    speaking.begin_sentence(1, "three", cut)
    speaking.push(SECOND)
    run(speaking, T, T + 1.6)
    [played] = spoken(speaking.stop_playback(T + 1.62)[1])
    assert cuts == [("two too", 4_000), ("three", 0)]  # after a second and a gap of 0.12 s
    assert played.heard == "one two"


def test_words_that_come_while_it_sounds_count_as_they_are_known() -> None:
    speaking = mouth()
    speaking.begin_sentence(1, "one")
    speaking.push(SECOND)
    speaking.reword(TEXT)
    run(speaking, T, T + 1.0)
    _, facts = speaking.stop_playback(T + 0.8)
    [played] = spoken(facts)
    assert (played.text, played.heard) == (TEXT, "one two")  # at the pace of speech
    speaking.reword("nothing is being made")
    assert speaking.stop_playback(T + 2.0)[1] == []
