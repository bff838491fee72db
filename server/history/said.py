"""What was said in a call, read off its journal as it stands, and whether words are in it. Pure.

To fold a long journal (`replay.py`) takes twenty times as long, and only joins utterances to turns.
"""

from collections.abc import Sequence
from typing import Any

from db.history.journal import JournalRow
from server.core.validation import contains


def said(lines: Sequence[JournalRow]) -> list[dict[str, Any]]:
    """In order of its first word that was known: of the agent what was meant and what was heard, of
    people what was recognised last."""
    rows: dict[object, dict[str, Any]] = {}
    for line in lines:
        event: dict[str, Any] = line.event
        match event.get("type"):
            case "spoken":
                text, heard = event.get("text"), event.get("heard")
                rows[line.seq] = {"at": line.at, "speaker": "agent", "text": text, "heard": heard}
            case "recognised" if event.get("text"):
                side = event.get("side", "caller")
                row = rows.setdefault((side, event.get("utterance")), {"at": line.at})
                row |= {"speaker": side, "text": event["text"], "heard": event["text"]}
            case _:
                pass
    return list(rows.values())


def mentions(lines: Sequence[JournalRow], words: str) -> bool:
    """Whether somebody said these words, in any case."""
    return any(contains(turn["text"], words) for turn in said(lines))
