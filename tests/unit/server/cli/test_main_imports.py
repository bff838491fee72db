"""What a command imports: seconds that everybody waits who types it."""

import subprocess
import sys

import pytest

HEAVY = {"openai", "quart", "hypercorn", "stripe", "twilio", "sendgrid", "onnxruntime", "numpy"}


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [("server.cli.main", HEAVY), ("server.cli.sandboxed", {"openai", "quart", "hypercorn"}),
     ("server.app", {"openai"})],
)  # fmt: skip
def test_a_command_imports_nothing_heavy_that_it_does_not_need(
    module: str, unneeded: set[str]
) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert unneeded & set(done.stdout.split()) == set()
