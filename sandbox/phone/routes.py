"""The phone's page, its files and its socket.

Reads and writes frames and leaves every decision to the exchange and the telephone. The page may
load nothing that is not ours and only pages of this origin may open the socket.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from quart import Blueprint, Response, abort, websocket

from sandbox.phone.exchange import Exchange, NoNumberError
from sandbox.phone.messages import (
    REFUSED,
    Answer,
    BadMessageError,
    Dial,
    HangUp,
    Hello,
    Inbound,
    Key,
    Ping,
    Played,
    Text,
    decode,
    encode,
    is_frame,
)
from sandbox.phone.telephone import Telephone

_FOLDER = Path(__file__).parents[1] / "web"
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "
        "img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_HELLO_SECONDS = 5.0
_MOST_UNSENT = 25  # half a second: beyond, sound is dropped
_BROKE_PROTOCOL = 1002


def phone_blueprint(exchange: Exchange) -> Blueprint:
    """`/phone`, `/phone/web/...` and `/phone/socket`."""
    blueprint = Blueprint("phone", __name__, url_prefix="/phone")
    files = {path.name: path.read_bytes() for path in _FOLDER.iterdir() if path.suffix in _TYPES}

    @blueprint.get("")
    async def page() -> Response:
        return _file("phone.html", files["phone.html"])

    @blueprint.get("/web/<name>")
    async def file(name: str) -> Response:
        return _file(name, files[name]) if name in files else abort(404)

    @blueprint.websocket("/socket")
    async def socket() -> tuple[str, int] | None:
        origin = websocket.headers.get("Origin", "")
        if origin and urlsplit(origin).netloc != websocket.host:
            return "only for pages of this origin", 403
        await _Page(exchange).serve()
        return None

    return blueprint


def _file(name: str, data: bytes) -> Response:
    return Response(data, mimetype=_TYPES[Path(name).suffix], headers=_HEADERS)


class _Close(Exception):  # noqa: N818 - not an error: the reason to close
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class _Page:
    """One page's socket, from hello to close."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._unsent: asyncio.Queue[str | bytes | _Close] = asyncio.Queue()

    async def serve(self) -> None:
        try:
            telephone = self._join(await _hello())
        except _Close as close:
            await websocket.close(close.code, close.reason)
            return
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(self._write())
                try:
                    await self._read(telephone)
                finally:
                    writer.cancel()
        finally:
            self._exchange.leave(telephone, self._send)

    def _join(self, hello: Hello) -> Telephone:
        try:
            telephone = self._exchange.join(hello.key, hello.number, self._send, self._close)
        except NoNumberError as error:
            raise _Close(REFUSED, str(error)) from error
        self._send(
            encode(
                "welcome",
                number=telephone.number,
                text_to=self._exchange.texts_to(telephone),
                console=self._exchange.texts.carrier.settings.console_url,
                current=telephone.current(),
                texts=[one.as_seen_by_its_phone() for one in self._exchange.history(telephone)],
            )
        )
        return telephone

    def _send(self, data: str | bytes) -> None:
        if isinstance(data, str) or self._unsent.qsize() < _MOST_UNSENT:
            self._unsent.put_nowait(data)

    def _close(self, code: int, reason: str) -> None:
        self._unsent.put_nowait(_Close(code, reason))

    async def _write(self) -> None:
        while True:
            data = await self._unsent.get()
            if isinstance(data, _Close):
                await websocket.close(data.code, data.reason)
                return
            await websocket.send(data)

    async def _read(self, telephone: Telephone) -> None:
        while True:
            data = await websocket.receive()
            telephone.page_is_active()
            if isinstance(data, str):
                try:
                    self._take(telephone, decode(data))
                except BadMessageError as error:
                    self._close(_BROKE_PROTOCOL, str(error)[:100])
            elif is_frame(data):
                telephone.microphone.push(data)

    def _take(self, telephone: Telephone, message: Inbound) -> None:
        match message:
            case Answer(call):
                telephone.answer(call)
            case HangUp(call):
                telephone.hang_up(call)
            case Key(digit):
                telephone.press(digit)
            case Played(mark):
                telephone.played(mark)
            case Text(body):
                self._exchange.text(telephone, body)
            case Dial():
                self._exchange.dial(telephone)
            case Ping(at):
                self._send(encode("pong", at=at, mouth_ms=telephone.microphone.depth_ms))
            case Hello():
                raise BadMessageError("hello was said already")


async def _hello() -> Hello:
    with suppress(TimeoutError, BadMessageError):
        async with asyncio.timeout(_HELLO_SECONDS):
            data = await websocket.receive()
        message = decode(data) if isinstance(data, str) else None
        if isinstance(message, Hello):
            return message
    raise _Close(_BROKE_PROTOCOL, "hello first")
