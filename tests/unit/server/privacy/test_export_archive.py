"""A ZIP that is handed on while it is written."""

import csv
import datetime as dt
import io
import zipfile

import msgspec
import pytest

from server.privacy import export_archive
from server.privacy.export_archive import Archive, Sheet, cell

TOPIC = 'tea, "green"\nand more'
AT = dt.datetime(2026, 11, 29, 13, 0, 0, 123_000, tzinfo=dt.UTC)


def read(pieces: list[bytes]) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as whole:
        assert whole.testzip() is None
        return {name: whole.read(name) for name in whole.namelist()}


def test_rows_are_there_as_json_and_as_csv() -> None:
    made = Archive(AT)
    sheet = Sheet(made, "calls")
    sheet.add([{"topic": 'tea, "green"\nand more', "at": AT, "n": None, "tags": ["a"]}])
    pieces = [made.taken()]
    sheet.add([{"topic": "Zürich", "at": None, "n": 2, "tags": []}])
    sheet.end()
    pieces.append(made.taken())
    empty = Sheet(made, "texts")
    empty.end()
    made.close()
    files = read([*pieces, made.taken()])
    assert msgspec.json.decode(files["calls.json"]) == [
        {"topic": TOPIC, "at": "2026-11-29T13:00:00.123Z", "n": None, "tags": ["a"]},
        {"topic": "Zürich", "at": None, "n": 2, "tags": []},
    ]  # fmt: skip
    rows = list(csv.reader(io.StringIO(files["calls.csv"].decode("utf-8-sig"))))
    assert rows[0] == ["topic", "at", "n", "tags"]
    assert rows[1] == ['tea, "green"\nand more', "2026-11-29T13:00:00.123Z", "", '["a"]']
    assert rows[2] == ["Zürich", "", "2", "[]"]
    assert msgspec.json.decode(files["texts.json"]) == []
    assert (sheet.rows, empty.rows) == (2, 0)


def test_much_of_a_kind_goes_on_in_another_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_archive, "FILE_BYTES", 1000)
    made = Archive(AT)
    sheet = Sheet(made, "texts")
    for n in range(100):
        sheet.add([{"n": n, "text": "x" * 50}])
    sheet.end()
    made.close()
    files = read([made.taken()])
    names = [name for name in files if name.endswith(".json")]
    assert names[:2] == ["texts.json", "texts-2.json"]
    assert len(names) > 5
    found = [row["n"] for name in names for row in msgspec.json.decode(files[name])]
    assert found == list(range(100))


@pytest.mark.parametrize(("said", "written"), [
    ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-2+3", "'-2+3"), ("\t=1", "'\t=1"),
    ("+12025550100", "+12025550100"), ("-1.5", "-1.5"), (-1, "-1"), ("a=1", "a=1"),
    ("+1;cmd", "'+1;cmd"), (None, ""), (True, "True"),
])  # fmt: skip
def test_a_spreadsheet_takes_nothing_that_was_said_for_a_formula(
    said: object, written: str
) -> None:
    assert cell(said) == written
