"""A reply's own sound on its way to playback: whole, or from where it was stopped."""

import asyncio

from media.speech_to_speech.reply import SpokenReply

WORD = b"\x10" * 1600
PAUSE = b"\xff" * 160


def reply(text: str, cuts: list[int] | None = None) -> SpokenReply:
    made = SpokenReply((cuts if cuts is not None else []).append)
    made.turn, made.text = 3, text
    made.told.append(text)
    return made


async def played(made: SpokenReply, rest: str = "") -> list[tuple[str, bytes]]:
    return [piece async for piece in made.played(rest)]


async def test_sound_is_played_as_it_comes_with_the_words_known_by_then() -> None:
    made, got = reply("How"), list[tuple[str, bytes]]()

    async def play() -> None:
        async for piece in made.played():
            got.append(piece)

    made.sound(WORD)
    async with asyncio.TaskGroup() as group:
        group.create_task(play())
        await asyncio.sleep(0)
        made.text = "How are"
        made.sound(PAUSE)
        await asyncio.sleep(0)
        made.end()
    assert got == [("How", WORD), ("How are", PAUSE), ("How are", b"")]


async def test_what_was_stopped_goes_on_at_a_pause_before_that() -> None:
    cuts: list[int] = []
    made = reply("How are you?", cuts)
    for sound in (WORD, PAUSE, WORD):
        made.sound(sound)
    made.end()
    await played(made)
    made.stopped("How are you?", 1600 + 160 + 480)
    assert made.resumes("you?")
    assert not made.resumes("Fine.")
    assert await played(made, "you?") == [("you?", PAUSE + WORD)]
    assert cuts == [1600 + 160 + 480, 3360]  # heard after all
    made.stopped("you?", 800)
    assert cuts[-1] == 1600 + 800


async def test_nothing_that_was_not_stopped_is_resumed() -> None:
    made = reply("How are you?")
    made.sound(WORD)
    made.end()
    await played(made)
    assert not made.resumes("you?")


def test_words_are_its_own_in_its_turn_only() -> None:
    made = reply("Fine.")
    assert made.holds(3, "Fine.")
    assert not made.holds(4, "Fine.")
    assert not made.holds(3, "Hello.")


async def test_words_that_lost_their_sound_are_told_by_the_length_of_what_is_there() -> None:
    made = reply("one two three four five six seven eight nine ten")
    made.sound(b"\x10" * 8000)
    made.end(is_broken=True)
    assert made.soundless(made.text) == "four five six seven eight nine ten"
    whole = reply("one two three")
    whole.sound(b"\x10" * 800)
    whole.end()
    assert whole.soundless(whole.text) == ""
