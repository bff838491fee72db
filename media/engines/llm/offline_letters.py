"""Letters and summaries written offline: what was said, put in order, and nothing made up.

Like its talk it is honest about being a script. Pure: the same prompt always gets the same words.
"""

from collections.abc import Sequence

from media.dialogue import Prompt, Turn

_MOST_POINTS = 6
_POINT_CHARACTERS = 160
_SHORT_WORDS = 3  # "yes", "I see": nothing to report


def letter(prompt: Prompt) -> str:
    """An e-mail on the topic: what they said about it so far, and what to think on."""
    points = _points((*prompt.earlier, *prompt.turns))
    begin = f"Hello,\n\nyou asked for a letter about {_topic(prompt)}."
    if points:
        said = "\n".join(f"- {point}" for point in points)
        body = f"This is what you told me about it so far:\n\n{said}"
    else:
        body = (
            "We have not talked about it yet, so I can only ask: what matters most to you about it?"
        )
    end = (
        "I am a scripted assistant without a model: I keep to what you said and look nothing up. "
        "Answer this e-mail, text me or ask for a call, and we go on from here.\n\nGoodbye"
    )
    return f"{begin}\n\n{body}\n\n{end}"


def summary(prompt: Prompt) -> str:
    """A conversation in a few sentences: theirs, in their own words."""
    points = _points(prompt.turns)
    if not points:
        return f"We talked about {_topic(prompt)}, and there is nothing you said to sum up."
    return f"We talked about {_topic(prompt)}. You said: " + " ".join(f'"{p}"' for p in points)


def _points(turns: Sequence[Turn]) -> list[str]:
    """What they said that says something, the newest of it, each once."""
    found: dict[str, None] = {}
    for turn in turns:
        text = " ".join(turn.heard.split())
        if turn.speaker == "caller" and len(text.split()) > _SHORT_WORDS:
            cut = text if len(text) <= _POINT_CHARACTERS else f"{text[: _POINT_CHARACTERS - 3]}..."
            found.setdefault(cut)
    return list(found)[-_MOST_POINTS:]


def _topic(prompt: Prompt) -> str:
    return " ".join(prompt.topic.split()).rstrip(" .!?")
