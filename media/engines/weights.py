"""Where model files are, and how they are opened: weights come inside installed Python packages.

Packages are located without being imported, because their own code may start threads, open sound
devices or reach for the network. It knows nothing of what a model is for.
"""

import importlib.util
from pathlib import Path

import onnxruntime as ort

from media.engines.base import EngineError

_FATAL_ONLY = 4  # errors are raised as exceptions too; nothing may be printed from inside


def package_file(package: str, relative_path: str, requirement: str) -> Path:
    """Path of a file inside an installed package.

    Raises EngineError, naming the requirement to install, when the package or the file is missing.
    """
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, relative_path)
        if path.is_file():
            return path
    raise EngineError(f"{package} has no {relative_path}: pip install '{requirement}'")


def open_session(path: Path) -> ort.InferenceSession:
    """An ONNX session that computes on the calling thread only; safe to share between threads."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
