"""What the console has words or notices for does happen: its names of events are the server's."""

import re

from server.dashboard.events import EVENTS
from server.http.console.pages import WEB

OF_THE_CONSOLE = {"recording.asking"}  # a mark of its own, of `call.recording`


def test_no_words_are_kept_for_what_is_never_told() -> None:
    table = (WEB / "core/words.js").read_text().split("const EVENTS = {")[1].split("};")[0]
    named = set(re.findall(r'"(\w+\.[\w.]+)":', table))
    for name in ("core/notices.js", "core/store.js"):
        named |= set(re.findall(r'case "(\w+\.[\w.]+)"', (WEB / name).read_text()))
    assert len(named) > 20
    assert named - OF_THE_CONSOLE <= set(EVENTS)
