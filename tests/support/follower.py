"""A dashboard that watches several topics, keeps their state as a page would, and may be cut off.

It checks what it is sent: numbers in order, none missing, none twice, and data of the documented
shape. Knows the wire and nothing of the node's insides.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from server.dashboard.events import EVENTS
from tests.support.client import Json, User, fold, live_socket
from tests.support.patience import patience


class View:
    """One topic's state: a snapshot and what events made of it."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.cursor: Json | None = None
        self.state: Json = {}
        self.snapshots = 0
        self.events: list[Json] = []
        self._kept: list[Json] = []
        self._replayed: int | None = None
        self._stands: Json = {}

    def take(self, message: Json) -> None:
        """One message of this topic."""
        if message["op"] == "snapshot":
            self._begin(message)
        elif message["op"] == "at" and self.topic.startswith(("call:", "conv:")):
            self.cursor = {"epoch": message["epoch"], "seq": message["seq"]}
        elif message["op"] == "at":
            assert message["seq"] == self.seq, f"at {message['seq']}, but {self.seq} came last"
        elif message["op"] == "event":
            event = EVENTS[message["type"]]
            msgspec.convert(message["data"], event)
            assert ("seq" not in message) == event.ephemeral
            if "seq" in message:
                self._follow(message)

    def expect(self, sub: Json) -> None:
        """How the topic is to begin on a new socket."""
        self._replayed = sub["replayed"] if sub["mode"] == "resumed" else None
        self._stands = {"epoch": sub["epoch"], "seq": sub["seq"]}
        self._advance()

    def _advance(self) -> None:
        """All that was missed has come: a part of a stream now stands where the stream does."""
        if self._replayed == 0 and self.topic.startswith(("call:", "conv:")):
            assert self.seq <= self._stands["seq"]
            self.cursor = self._stands

    def is_past(self, cursor: Json | None) -> bool:
        """Whether everything up to there was seen."""
        return self.cursor is not None and cursor is not None and self.seq >= cursor["seq"]

    @property
    def seq(self) -> int:
        assert self.cursor is not None
        return int(self.cursor["seq"])

    def _begin(self, message: Json) -> None:
        if message["page"] == 1:
            self.state = _tables(self.topic, message["data"])
            self._kept = []
        else:
            for name, rows in _tables(self.topic, message["data"]).items():
                self.state[name] = {**self.state[name], **rows}
        self._kept.append(message)
        if message["last"]:
            self.snapshots += 1
            self.cursor = {"epoch": message["epoch"], "seq": message["seq"]}

    def _follow(self, event: Json) -> None:
        assert self.cursor is not None
        assert event["epoch"] == self.cursor["epoch"]
        if self.topic.startswith(("call:", "conv:")):
            assert event["seq"] > self.seq, f"{event['seq']} came after {self.seq}"
            assert event["subject"] == self.topic
        else:
            assert event["seq"] == self.seq + 1, f"{event['seq']} came after {self.seq}"
        self.cursor = {"epoch": event["epoch"], "seq": event["seq"]}
        self.events.append(event)
        self._kept.append(event)
        _apply(self.topic, self.state, event)
        if self._replayed:
            self._replayed -= 1
            self._advance()

    def folded(self) -> Json:
        """The state as the other client makes it of the same messages."""
        return fold(self._kept)


def _by_id(rows: list[Json]) -> Json:
    return {row["id"]: row for row in rows}


def _tables(topic: str, data: Json) -> Json:
    if topic.startswith("call:"):
        turns = [[turn["speaker"], turn["text"], turn["heard"]] for turn in data["transcript"]]
        return {"call": {"call": data["call"]}, "transcript": dict(enumerate(turns))}
    if topic.startswith("conv:"):
        whole = {"conversation": data["conversation"]}
        return {"conversation": whole, "messages": _by_id(data["messages"])}
    lists = {name: _by_id(data[name]) for name in ("calls", "conversations")}
    if topic == "all":
        return lists
    texts = {one["id"]: one for rows in data["messages"].values() for one in rows}
    more = {"usage": data["usage"]} if "usage" in data else {"usage": {}}
    return {**lists, "emails": _by_id(data["emails"]), "messages": texts, **more}


def _apply(topic: str, state: Json, event: Json) -> None:
    data, kind = event["data"], event["type"]
    if topic.startswith("call:"):
        if "call" in data:
            state["call"] = {"call": data["call"]}
        elif kind == "transcript.final":
            turns = state["transcript"]
            turns[len(turns)] = [data["speaker"], data["text"], data["heard"]]
        return
    if "conversation" in data:
        if topic.startswith("conv:"):
            state["conversation"] = {"conversation": data["conversation"]}
        else:
            state["conversations"][data["conversation"]["id"]] = data["conversation"]
        if "message" in data and "messages" in state:
            state["messages"][data["message"]["id"]] = data["message"]
    elif "call" in data:
        state["calls"][data["call"]["id"]] = data["call"]
    elif "email" in data and "emails" in state:
        state["emails"][data["email"]["id"]] = data["email"]
    elif kind == "usage.updated" and "usage" in state:
        state["usage"] = data


class Follower:
    """Watches topics over one socket after another, each from where the last one was cut."""

    def __init__(self, user: User, *topics: str, caps: tuple[str, ...] = ("batch",)) -> None:
        self.user = user
        self.views = {topic: View(topic) for topic in topics}
        self.modes: list[str] = []
        self._caps = caps

    async def watch(self, enough: Callable[[int], bool]) -> None:
        """Take in messages until it is enough (of so many), then cut the line without a word."""
        connecting = live_socket(self.user.world, ping_interval=None, close_timeout=0.1)
        async with patience():
            socket = await connecting
            try:
                subs = [
                    {"topic": view.topic, "cursor": view.cursor} for view in self.views.values()
                ]
                hello = {"op": "hello", "token": self.user.token, "subs": subs, "caps": self._caps}
                await socket.send(msgspec.json.encode(hello).decode())
                taken = 0
                while not enough(taken):
                    for line in str(await socket.recv()).splitlines():
                        self._take(msgspec.json.decode(line))
                        taken += 1
                        if enough(taken):
                            break
            finally:
                socket.transport.abort()

    def _take(self, message: Json) -> None:
        if message["op"] == "welcome":
            self.modes += [sub["mode"] for sub in message["subs"]]
            for sub in message["subs"]:
                self.views[sub["topic"]].expect(sub)
        elif "topic" in message:
            self.views[message["topic"]].take(message)

    async def cut_often(self, times: int, seed: int) -> int:
        """Be cut off so often, each time after a random number of messages or a random while.

        Cuts before the welcome come on top; the slower the machine is, the longer the whiles.
        """
        chance = random.Random(seed)
        longest_seconds, welcomed = 0.2, 0
        while welcomed < times:
            most, before = chance.choice((1, 2, 3, 5, 9, 14, 30)), len(self.modes)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(chance.uniform(0.02, longest_seconds)):
                    await self.watch(partial(_at_least, most))
            if len(self.modes) > before:
                welcomed += 1
            else:
                longest_seconds *= 1.1
        return times

    async def catch_up(self) -> "Follower":
        """Come to where a client that comes now begins; returns that one."""
        async with patience():
            while True:
                late = Follower(self.user, *self.views)
                await late.watch(lambda _, late=late: late.has_begun)  # type: ignore[misc]
                await self.watch(lambda _, late=late: self._is_past(late))  # type: ignore[misc]
                if all(view.cursor == late.views[name].cursor for name, view in self.views.items()):
                    return late

    @property
    def has_begun(self) -> bool:
        """Whether every topic was shown whole."""
        return all(view.snapshots for view in self.views.values())

    def _is_past(self, late: "Follower") -> bool:
        return all(view.is_past(late.views[name].cursor) for name, view in self.views.items())


def _at_least(most: int, taken: int) -> bool:
    return taken >= most


def assert_same(early: Any, late: Any, path: str = "") -> None:
    """Everything a late snapshot shows is what the events made of the early one."""
    if isinstance(late, dict):
        for key, value in late.items():
            assert key in early, f"{path}/{key} is missing"
            assert_same(early[key], value, f"{path}/{key}")
    else:
        assert early == late, f"{path}: {early} is not {late}"
