"""A vendor's stream whose answer to a request to finish never comes."""

import asyncio

import msgspec
from websockets.asyncio.server import ServerConnection, serve

from media.audio.mulaw import SAMPLE_RATE
from media.engines.base import AUTO
from media.providers.deepgram.settings import DeepgramSettings
from media.providers.deepgram.stt import speech_to_text
from media.settings import Secret
from tests.support.patience import patience

INTERIM = {
    "type": "Results", "start": 0.0, "duration": 1.0, "is_final": False,
    "channel": {"alternatives": [{"transcript": "Good day to you", "languages": ["en"]}]},
}  # fmt: skip


async def test_words_that_were_not_settled_keep_the_language_they_were_told_in() -> None:
    async def vendor(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(msgspec.json.encode(INTERIM).decode())
        await connection.wait_closed()  # Finalize is not answered

    async with serve(vendor, "127.0.0.1", 0) as server:
        [socket] = server.sockets
        base_url = f"http://127.0.0.1:{socket.getsockname()[1]}"
        settings = DeepgramSettings(base_url=base_url, stt_model="nova-3", api_key=Secret("k"))
        stream = speech_to_text(settings, AUTO).open()
        async with patience(), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(stream.run())
            stream.begin()
            stream.feed(bytes(SAMPLE_RATE))
            while not stream.understood.pending:  # noqa: ASYNC110 - the test's deadline
                await asyncio.sleep(0.01)
            understood = await stream.finish()
            running.cancel()
    assert (understood.pending, understood.language) == ("Good day to you", "en")
