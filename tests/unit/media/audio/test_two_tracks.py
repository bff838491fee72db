"""Two tracks on one clock: what was said and what was heard, each at its time."""

import pytest

from media.audio.two_tracks import PIECE_BYTES, RATE, Piece, TwoTracks
from media.events import TurnPlayed
from media.playback.speaking import Clear, Play, Speaking
from media.settings import SpeechSettings

LOUD, QUIET = b"\x10", b"\xff"
FRAME = 160
BEGAN = 1_700_000_000.0


class Recorder:
    """A recording under way, and what it handed on."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.tracks = TwoTracks(self.pieces.append)
        self.tracks.switch(BEGAN, on=True)

    def caller(self, first: float, seconds: float, sound: bytes = LOUD, late: float = 0.0) -> None:
        """Frames of so much sound, each arriving as it is whole, or `late`."""
        for at in range(round(seconds * 50)):
            self.tracks.caller(sound * FRAME, BEGAN + first + (at + 1) / 50 + late)

    def stop(self, at: float) -> None:
        self.tracks.switch(BEGAN + at, on=False)

    def heard(self, side: str) -> bytes:
        """The track from the beginning on; silence where there is no piece."""
        whole = bytearray()
        for piece in self.pieces:
            whole += QUIET * (round((piece.at - BEGAN) * RATE) - len(whole))
            whole += getattr(piece, side)
        return bytes(whole)


def spans(track: bytes) -> list[tuple[float, float]]:
    """When it is not silent, in seconds."""
    found: list[tuple[float, float]] = []
    for at in range(0, len(track), 80):
        if track[at : at + 80].strip(QUIET):
            if found and found[-1][1] == at / RATE:
                found[-1] = (found[-1][0], (at + 80) / RATE)
            else:
                found.append((at / RATE, (at + 80) / RATE))
    return found


def test_nothing_is_kept_before_the_yes_and_after_the_end() -> None:
    recorder = Recorder()
    recorder.stop(0.0)
    recorder.caller(0.0, 30.0)
    recorder.tracks.sent(LOUD * 8000, BEGAN)
    recorder.tracks.switch(BEGAN + 40, on=False)
    assert recorder.pieces == []


def test_pieces_have_a_bounded_length_and_follow_each_other() -> None:
    recorder = Recorder()
    recorder.caller(0.0, 27.0)
    recorder.stop(27.0)
    assert [len(piece.caller) for piece in recorder.pieces] == [PIECE_BYTES, PIECE_BYTES, 56_000]
    assert [round(piece.at - BEGAN, 3) for piece in recorder.pieces] == [0.0, 10.0, 20.0]
    assert all(len(piece.agent) == len(piece.caller) for piece in recorder.pieces)
    assert recorder.heard("caller") == LOUD * 27 * RATE


def test_a_delay_of_the_network_moves_nothing() -> None:
    recorder = Recorder()
    recorder.caller(0.0, 2.0, QUIET)
    for _ in range(40):  # 0.8 s at once, after a stall
        recorder.tracks.caller(LOUD * FRAME, BEGAN + 2.8)
    recorder.caller(2.8, 2.0, QUIET)
    recorder.stop(4.8)
    assert spans(recorder.heard("caller")) == [(2.0, 2.8)]


def test_a_gap_is_silence_where_it_was() -> None:
    recorder = Recorder()
    recorder.caller(0.0, 2.0)
    recorder.caller(5.0, 3.0)  # the line was gone
    recorder.stop(8.0)
    (first, second) = spans(recorder.heard("caller"))
    assert first == (0.0, 2.0)
    assert list(second) == pytest.approx([5.0, 8.0], abs=0.03)


def test_more_sound_than_can_be_spoken_is_not_taken() -> None:
    recorder = Recorder()
    for _ in range(100_000):
        recorder.tracks.caller(LOUD * FRAME, BEGAN + 1.0)
    recorder.stop(1.0)
    assert len(recorder.heard("caller")) <= 2 * RATE + FRAME


def test_ours_is_where_it_is_played_whenever_it_was_sent() -> None:
    recorder = Recorder()
    recorder.caller(0.0, 3.0, QUIET)
    recorder.tracks.sent(LOUD * 4000, BEGAN + 1.0)
    recorder.tracks.sent(LOUD * 4000, BEGAN + 1.5)
    recorder.tracks.sent(LOUD * 800, BEGAN + 2.5)
    recorder.stop(3.0)
    assert spans(recorder.heard("agent")) == [(1.0, 2.0), (2.5, 2.6)]


def test_of_sound_that_was_on_its_way_at_the_yes_only_the_rest_is_kept() -> None:
    recorder = Recorder()
    recorder.tracks.sent(LOUD * 1600, BEGAN - 0.15)
    recorder.caller(0.0, 1.0, QUIET)
    recorder.stop(1.0)
    assert spans(recorder.heard("agent")) == [(0.0, 0.05)]


def test_after_a_barge_in_only_what_was_heard_is_there() -> None:
    """With the playback that calls have: a sentence of 4 s, cut into after 1.3 s."""
    recorder, speaking = Recorder(), Speaking(SpeechSettings())
    speaking.begin_sentence(1, "A long sentence that is never heard to its end.")
    speaking.push(LOUD * 4 * RATE)
    speaking.end_sentence()
    now, heard = BEGAN, ""
    while now < BEGAN + 3.0:
        now += 0.02
        out, _ = speaking.pull(now)
        if abs(now - BEGAN - 1.3) < 0.01:
            cut, (played,) = speaking.stop_playback(now)
            assert isinstance(played, TurnPlayed)
            out, heard = [*out, *cut], played.heard
        for item in out:
            match item:
                case Play(mulaw=mulaw, at=at):
                    recorder.tracks.sent(mulaw, at)
                case Clear():
                    recorder.tracks.cleared(now)
                case _:
                    pass
        recorder.tracks.caller(QUIET * FRAME, now)
    recorder.stop(3.0)
    assert "to its end" not in heard
    ((began, until),) = spans(recorder.heard("agent"))
    assert began == pytest.approx(0.02, abs=0.02)
    assert until == pytest.approx(1.3, abs=0.02), "what was on its way was never heard"


def test_a_gap_over_the_end_of_a_piece_is_filled_once() -> None:
    recorder = Recorder()
    recorder.caller(0.0, 12.5)
    recorder.caller(20.0, 6.0)
    recorder.stop(26.0)
    (first, second) = spans(recorder.heard("caller"))
    assert first == (0.0, 12.5)
    assert list(second) == pytest.approx([20.0, 26.0], abs=0.03)


def test_pieces_come_also_while_nothing_arrives_from_them() -> None:
    recorder = Recorder()
    for at in range(60):
        recorder.tracks.sent(LOUD * RATE, BEGAN + at)
    assert len(recorder.pieces) == 5, "handed on as it goes, for a node may die"
    recorder.caller(60.0, 1.0)
    recorder.stop(61.0)
    assert spans(recorder.heard("agent")) == [(0.0, 60.0)]
    ((began, until),) = spans(recorder.heard("caller"))
    assert (began, until) == pytest.approx((60.0, 61.0), abs=0.03)
