"""What was said in a call, read out of its journal."""

import datetime as dt
from pathlib import Path

import msgspec

from db.history.journal import JournalRow
from server.history.said import mentions, said

JOURNALS = Path(__file__).parents[3] / "architecture" / "names" / "journals"


def test_all_sides_words_are_there_in_order() -> None:
    lines = (JOURNALS / "takeover.jsonl").read_text().splitlines()
    rows = [
        JournalRow(seq, dt.datetime.fromtimestamp(one["at"], dt.UTC), one["event"])
        for seq, one in enumerate(map(msgspec.json.decode, lines))
    ]
    found = [(row["speaker"], row["text"]) for row in said(rows)]
    assert found[1:] == [
        ("caller", "Is a person there?"),
        ("operator", "I am Anna. How can I help?"),
        ("caller", "With my roses."),
        ("agent", "I am back."),
        ("agent", "One moment, please."),
    ]


def test_the_last_word_on_an_utterance_counts() -> None:
    at = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)
    texts = ("My", "My dough", "", "My dough rises.")
    events = [
        {"type": "recognised", "utterance": 1, "revision": n, "text": text}
        for n, text in enumerate(texts)
    ]
    [row] = said([JournalRow(n, at, event) for n, event in enumerate(events)])
    assert (row["speaker"], row["text"]) == ("caller", "My dough rises.")
    lines = [JournalRow(n, at, event) for n, event in enumerate(events)]
    assert mentions(lines, "DOUGH ris")
    assert not mentions(lines, "doughs")
