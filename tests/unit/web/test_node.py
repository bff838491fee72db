"""The console's pure parts under Node: store, link, sound, parts of a text."""

import os
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from server.http.console.static_files import read
from server.texts.segments import plain, segments
from server.texts.smart_encoding import PLAIN

ROOT = Path(__file__).parents[3]
WEB = ROOT / "server" / "web"
NODE = shutil.which("node")

TEXTS = [
    "", "Hello", "a" * 160, "a" * 161, "a" * 306, "a" * 307, "€" * 80, "€" * 81,
    "a" * 152 + "€" * 5, "ä" * 160, "ç", "ж" * 70, "ж" * 71, "ж" * 134, "ж" * 135, "🙂",
    "🙂" * 35, "🙂" * 36, "ж" * 66 + "🙂" * 2, "“Quoted” – and so…", "it’s", "[{~}]",
    "line\nbreak", "tab\there", "Δ" * 161, *map(chr, PLAIN),
]  # fmt: skip


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_the_consoles_pure_parts_pass_their_own_tests(tmp_path: Path) -> None:
    cases = [
        {"text": text, "plain": plain(text)} | msgspec.to_builtins(segments(plain(text)))
        for text in TEXTS
    ]
    known = tmp_path / "segments.json"
    known.write_bytes(msgspec.json.encode(cases))
    files = sorted(str(path) for path in (ROOT / "tests" / "web").glob("*.test.mjs"))
    ran = subprocess.run(
        [NODE or "", "--test", *files], env={**os.environ, "SEGMENT_CASES": str(known)},
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert len(files) >= 4


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_scripts_are_sent_as_they_were_meant(tmp_path: Path) -> None:
    """What makes them smaller takes a template within a template for code."""
    sent = read(WEB)
    names = sorted(name for name in sent.files if name.endswith(".js"))
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sent.files[name].body.replace(f"~{sent.version}/".encode(), b""))
    ran = subprocess.run(
        [NODE or "", "--expose-internals", ROOT / "tests" / "web" / "same_scripts.cjs",
         WEB, tmp_path, *names],
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-4000:]
    assert len(names) > 40


def test_the_console_is_small_and_asks_nobody_else() -> None:
    scripts = {path: path.read_text() for path in WEB.rglob("*.js")}
    assert scripts
    for path in [*scripts, *WEB.glob("*.html"), *WEB.glob("*.css")]:
        text = path.read_text()
        assert "://" not in text.replace("http://www.w3.org/2000/svg", ""), path
        assert "innerHTML" not in text, path


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.js")), ids=lambda path: path.stem)
def test_a_script_opens_with_what_it_is_and_stays_readable(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[0].startswith("// ")
    assert len(lines) <= 250
