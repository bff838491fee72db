"""Static files: named by what is in them, compressed once, found by old and new addresses."""

import gzip
from pathlib import Path

from server.http.console.pages import WEB
from server.http.console.static_files import ASK_AGAIN, FOR_EVER, read

MOST_ON_THE_WIRE = 60_000
MOST_RAW = 180_000


def test_names_change_with_what_is_in_the_folder_and_only_then(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(
        '// x\n/** y\n z */\n  const icon = "/web/b.svg"; import "./c.js";'
    )
    (tmp_path / "b.svg").write_text("<svg/>")
    (tmp_path / "secret.py").write_text("no = 1")
    first = read(tmp_path)
    assert first == read(tmp_path)
    found = first.find(f"~{first.version}/a.js")
    assert found is not None
    file, kept = found
    assert kept == FOR_EVER
    assert file.body.startswith(b"const icon")
    assert f'"/web/~{first.version}/b.svg"' in file.body.decode()
    assert gzip.decompress(file.packed) == file.body
    for name in ("a.js", "~0000000000000000/a.js"):
        known = first.find(name)
        assert known is not None
        assert known[1] == ASK_AGAIN
    for name in ("secret.py", "../a.js", "~x/a.js", ""):
        assert first.find(name) is None
    (tmp_path / "b.svg").write_text("<svg></svg>")
    assert read(tmp_path).version != first.version


def test_the_console_is_light_on_the_wire() -> None:
    files = read(WEB).files
    page = files["index.html"].body.decode()
    first = [name for name in files if f'/{name}">' in page and name.endswith(".js")]
    assert len(first) > 20
    assert "screens/calls/call.js" in first
    assert "screens/account/pictures.js" not in first
    assert sum(len(files[name].packed) for name in first) < MOST_ON_THE_WIRE
    assert sum(len(file.body) for name, file in files.items() if name.endswith(".js")) < MOST_RAW
