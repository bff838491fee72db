"""What one client is sent, whatever carries it: its topics' beginnings, then their events in order.

The one who takes frames from here sends them before it asks for more; that alone paces a slow
client. Rights are asked for when a topic is added and again with a new token. Knows no sockets.
"""

from collections.abc import AsyncIterator, Callable
from functools import partial

from server.audit.notes import looked
from server.core.errors import AppError
from server.core.identity.auth import Identity
from server.dashboard import resume, topics
from server.dashboard.deps import DashboardDeps
from server.dashboard.topics import MAX_TOPICS
from server.http import scopes
from server.live import messages
from server.live.listener import FLUSH_FRAMES, Frame, Listener, Start
from server.live.messages import At, Cursor, Resync, Snapshot, Sub, Subscribed, encode
from server.live.sign_ins import nothing


class TooManyError(Exception):
    """The user has as many clients as anybody may have."""


class Feed:
    """One client's view. `open` before all else, `close` at the end."""

    def __init__(self, deps: DashboardDeps, who: Identity, *, batch: bool) -> None:
        limits = deps.config.limits
        self._deps = deps
        self.who = who
        self.batch = FLUSH_FRAMES if batch else 1
        self.listener = Listener(
            who.user_id, limits.live_queue_frames, limits.live_queue_bytes, is_admin=who.admin
        )
        self._topics: dict[str, topics.Topic] = {}
        self._release: Callable[[], None] = nothing

    def open(self) -> None:
        """Be one of the user's clients. Raises TooManyError."""
        hub, limits = self._deps.hub, self._deps.config.limits
        if hub.count(self.who.user_id) >= limits.live_sockets_per_user:
            raise TooManyError
        hub.join(self.listener)
        self._hold()

    def _hold(self) -> None:
        self._release()
        sign_out = partial(self.listener.close, messages.TOKEN_EXPIRED)
        self._release = self._deps.sign_ins.hold(self.who.user_id, self.who.session_id, sign_out)

    def close(self) -> None:
        """Be gone."""
        self._release()
        self._deps.hub.leave(self.listener)
        self.listener.close()

    async def add(self, sub: Sub) -> None:
        """Watch one more topic. Raises AppError: forbidden, scope_required, too_large."""
        scopes.require(self.who, "read")
        topic = await topics.permit(self._deps, self.who, sub.topic)
        if topic.name not in self._topics:
            if len(self._topics) >= MAX_TOPICS:
                raise AppError("too_large", f"At most {MAX_TOPICS} topics.")
            await looked(self._deps, self.who, topic.user_id, f"live {topic.kind}")
        self._topics[topic.name] = topic
        self._deps.hub.add(self.listener, topic.name, topic.address, topic.user_id)
        is_full = sub.view == "full"
        self.listener.topics[topic.name].passing = is_full
        live = self._deps.live.get(topic.subject_id) if topic.subject_id is not None else None
        if live is not None and is_full:
            live.runner.operators.want_levels()  # until the call ends: it costs little

    def remove(self, name: str) -> None:
        """Watch it no more."""
        self._topics.pop(name, None)
        self._deps.hub.remove(self.listener, name)

    def restart(self, name: str, cursor: Cursor | None) -> bool:
        """Have a topic begin anew; False when it is not watched."""
        if name not in self._topics:
            return False
        self.listener.start(Start(name, cursor))
        return True

    async def renew(self, who: Identity) -> bool:
        """Go on with a newer token of the same user; False when a topic is no longer theirs.

        Raises AppError("forbidden") for a token of somebody else.
        """
        if who.user_id != self.who.user_id:
            raise AppError("forbidden")
        self.who = who
        self.listener.is_admin = who.admin
        self._hold()
        for name in list(self._topics):
            try:
                await topics.permit(self._deps, who, name)
            except AppError:
                return False
        return True

    async def begin(self, start: Start) -> tuple[Subscribed, list[Frame]] | None:
        """How a topic starts and the frames of it, to be sent before `release`; None: not wanted
        any more."""
        topic, place = self._topics.get(start.topic), self.listener.hold(start.topic)
        if topic is None or place is None:
            return None
        beginning = await resume.begin(self._deps, topic, start.cursor)
        epoch, seq = beginning.position.stream_epoch, beginning.position.seq
        filtered = topic.subject_id is not None
        if topic.user_id is not None:
            self._deps.hub.began(topic.user_id, epoch, seq)
        place.epoch, place.start_seq = epoch, seq
        if beginning.missed is None:
            last = len(beginning.pages)
            frames = [
                Frame(
                    encode(Snapshot(topic.name, epoch, seq, page, n, n == last, filtered)),
                    seq=seq if n == last else None,
                )
                for n, page in enumerate(beginning.pages, 1)
            ]
            if start.lost:
                frames.insert(0, Frame(encode(Resync(topic.name))))
            mode = Subscribed(topic.name, "snapshot", 0, epoch, seq, filtered)
        else:
            frames = [Frame(encode(event), topic.name, event.seq) for event in beginning.missed]
            mode = Subscribed(topic.name, "resumed", len(frames), epoch, seq, filtered)
        self._deps.meters.beginnings.labels(mode.mode).inc()
        return mode, frames

    def release(self, name: str) -> None:
        """The frames of its beginning were sent; its events follow."""
        place = self.listener.topics.get(name)
        if place is not None and place.held is not None:
            self.listener.release(name, place, place.epoch, place.start_seq)

    async def frames(self) -> AsyncIterator[list[Frame]]:
        """Groups of frames to send, in order, until the listener is closed."""
        listener = self.listener
        while True:
            taken = await listener.take(self.batch)
            if taken:
                yield taken
            elif listener.closed:
                return
            for start in listener.starts():
                begun = await self.begin(start)
                if begun is not None:
                    for frame in begun[1]:
                        yield [frame]
                    self.release(start.topic)

    def beacons(self) -> None:
        """Tell every topic that was quiet since the last time where it stands."""
        for name, place in self.listener.topics.items():
            delivered_position = self._deps.hub.delivered_position(self.listener, name)
            if place.quiet and delivered_position is not None:
                self.listener.offer(Frame(encode(At(name, *delivered_position))))
            place.quiet = True
