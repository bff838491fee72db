"""A node with scripted engines but the real speech detector, to see what that one costs.

The configuration chooses the detector together with the recogniser, so it is put in here.
"""

import sys

import msgspec
from quart import Quart

from media.engines.detector import detectors
from media.engines.silero import Silero
from server.app import create_app
from server.deps import Deps
from tests.bench.serving import serve


def detecting(deps: Deps) -> tuple[Deps, Quart]:
    """The node with the real detector."""
    engines = msgspec.structs.replace(deps.engines, new_detector=detectors(Silero()))
    changed = msgspec.structs.replace(deps, engines=engines)
    return changed, create_app(changed)


if __name__ == "__main__":
    sys.exit(serve(detecting))
