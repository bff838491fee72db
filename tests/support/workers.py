"""A pytest plugin: what several workers (pytest-xdist) take at a time.

Files that ask for what a folder starts once, processes or a browser, are taken together; any other
is taken by itself. Work is handed out in the order of collection, which begins with what takes
longest.
"""

import functools
import gc
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).parent.parent
# Functions of a file, and what lives as long as a folder's tests or needs what does.
FUNCTIONS = re.compile(r"^(?:async )?def (\w+)\(([^)]*)\)", re.MULTILINE)
WORLDS = re.compile(r"\b(doomed|world|clients|post|browser|operator): ")
LONGEST = ("integration/server", "acceptance", "browser")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the order of collection."""
    config.option.loadscopereorder = False


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected lives as long as the run: nobody looks for garbage in it, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest and is one worker's alone."""
    longest = [str(TESTS / folder) for folder in LONGEST]

    def rank(item: pytest.Item) -> int:
        taken = taken_together(item.nodeid)
        return longest.index(taken) if taken in longest else len(longest)

    items.sort(key=rank)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The scheduler of a run with workers. (The library ships no types, so it is no subclass.)"""
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = taken_together
    return scheduler


def taken_together(nodeid: str) -> str:
    """The folder that starts what a test's file asks for, or the file."""
    return _taken_together(nodeid.split("::", 1)[0])


@functools.cache
def _taken_together(name: str) -> str:
    file = TESTS.parent / name
    functions = FUNCTIONS.findall(file.read_text("utf-8"))
    asked = {world for _, values in functions for world in WORLDS.findall(values)}
    makes_its_own = not asked.isdisjoint(function for function, _ in functions)
    folders = (folder for folder in file.parents if TESTS in folder.parents)
    starting = next(filter(_starts, folders), None)
    if not asked or makes_its_own or starting is None:
        return str(file)
    return f"{starting}: doomed" if "doomed" in asked else str(starting)


def _starts(folder: Path) -> bool:
    shared = folder / "conftest.py"
    return shared.exists() and 'scope="package"' in shared.read_text("utf-8")
