"""The pure parts of the phone's page, tested under Node where there is one, beside Python's."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from sandbox.core.audio import decode_mulaw, encode_mulaw

NODE = shutil.which("node")
PAGE = Path(__file__).parents[4] / "sandbox" / "web"
SCRIPT = Path(__file__).with_name("phone_page.test.mjs")


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_the_pages_pure_parts_pass_their_own_tests_and_speak_pythons_mulaw(tmp_path: Path) -> None:
    assert NODE is not None
    for file in (*PAGE.glob("*.js"), SCRIPT):
        shutil.copy(file, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    every_sample = np.arange(-32768, 32768).astype(np.int16)
    tables = {
        "encoded": list(encode_mulaw(every_sample)),
        "decoded": decode_mulaw(bytes(range(256))).tolist(),
    }
    (tmp_path / "tables.json").write_text(json.dumps(tables))
    ran = subprocess.run(
        [NODE, "--test", SCRIPT.name], cwd=tmp_path, capture_output=True, text=True, timeout=50
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.skipif(NODE is None, reason="node is not installed")
@pytest.mark.parametrize("path", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_every_module_of_the_page_can_be_read(path: Path, tmp_path: Path) -> None:
    assert NODE is not None
    copied = tmp_path / f"{path.stem}.mjs"
    shutil.copy(path, copied)
    ran = subprocess.run([NODE, "--check", copied], capture_output=True, text=True, timeout=20)
    assert ran.returncode == 0, ran.stderr
