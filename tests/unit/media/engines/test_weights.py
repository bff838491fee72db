"""Finding weights inside packages: what is there is found, what is missing says what to install."""

import sys

import pytest

from media.engines.base import EngineError
from media.engines.weights import package_file


def test_a_file_is_found_without_importing_its_package() -> None:
    path = package_file("moonshine_voice", "assets/tiny-en/tokenizer.bin", "moonshine-voice")
    assert path.stat().st_size > 100_000
    assert "moonshine_voice" not in sys.modules


@pytest.mark.parametrize(
    ("package", "file"),
    [("no_such_package_here", "model.onnx"), ("moonshine_voice", "assets/no-such-model.ort")],
)
def test_what_is_missing_is_an_engine_error_that_says_what_to_install(
    package: str, file: str
) -> None:
    with pytest.raises(EngineError, match=r"pip install 'ears==1\.0'"):
        package_file(package, file, "ears==1.0")
