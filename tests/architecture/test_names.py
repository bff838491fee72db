"""Names on the wire, in journals and in the configuration are those of the committed files."""

import json

import pytest

from tests.architecture import journals, names

ANEW = "run: python -m tests.architecture.names"
CONTRACT = f"a change of contract, to be told in CHANGELOG.md; if it is meant, {ANEW}"


@pytest.mark.parametrize("name", names.FILES)
def test_the_contract_is_as_committed(name: str) -> None:
    committed = json.loads((names.FOLDER / name).read_text())
    assert json.loads(json.dumps(names.FILES[name]())) == committed, CONTRACT


@pytest.mark.parametrize("name", names.FILES)
def test_a_committed_file_is_written_as_the_command_writes_it(name: str) -> None:
    text = (names.FOLDER / name).read_text()
    assert text == names.written(json.loads(text)) + "\n", ANEW


def test_no_committed_file_is_left_over() -> None:
    assert {path.name for path in names.FOLDER.glob("*.json")} == set(names.FILES)


def test_the_document_of_the_live_channel_shows_what_is_decoded_and_encoded() -> None:
    document = names.asyncapi()
    assert document["receive"] == names.incoming()
    assert document["send"] == names.outgoing()


def test_every_event_is_in_a_sample_of_a_journal() -> None:
    assert set(names.journal()) == journals.tags()


def test_every_play_has_its_journal() -> None:
    assert {path.stem for path in journals.FOLDER.glob("*.jsonl")} >= set(journals.PLAYS)
