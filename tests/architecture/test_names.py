"""Names on the wire, in journals and in the configuration are those of the committed files."""

import json

import pytest

from tests.architecture import journals, names, rights

ANEW = "run: python -m tests.architecture.names"
CONTRACT = f"a change of contract, to be told in CHANGELOG.md; if it is meant, {ANEW}"
RIGHTS = f"""
Each of these opens a connection that may read and write everybody's rows. Use as_user() for what a
person asks for themselves. If it is meant, or a function moved, {ANEW}"""


@pytest.mark.parametrize("name", [name for name in names.FILES if name != "rights.json"])
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


def test_only_functions_of_the_list_use_the_rights_of_the_service() -> None:
    listed = set(json.loads((names.FOLDER / "rights.json").read_text()))
    found = set(rights.holders())
    assert found - listed == set(), RIGHTS
    assert listed - found == set(), f"no longer there; {ANEW}"
