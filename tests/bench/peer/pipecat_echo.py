"""A pipecat server that says back what it hears, with pipecat's own Silero detector in between.

Run by the Python of pipecat's virtual environment, with the port as its argument, so it imports
nothing of ours. Audio stays at the telephone's 8 kHz and nothing is logged, both in its favour.
`GET /heard` says how often the detectors have found speech to begin.
"""

import sys

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import (
    InputAudioRawFrame,
    OutputAudioRawFrame,
    VADUserStartedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner

_RATE = 8000
_heard = {"began": 0}


class _Echo(FrameProcessor):  # type: ignore[misc] # the class is unknown where pipecat is not
    async def process_frame(self, frame: object, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            frame = OutputAudioRawFrame(
                audio=frame.audio,
                sample_rate=frame.sample_rate,
                num_channels=frame.num_channels,
            )
        elif isinstance(frame, VADUserStartedSpeakingFrame):
            _heard["began"] += 1
        await self.push_frame(frame, direction)


async def _call(websocket: WebSocket) -> None:
    await websocket.accept()
    start: dict[str, object] = {}
    while start.get("event") != "start":
        start = await websocket.receive_json()
    transport = FastAPIWebsocketTransport(
        websocket=websocket,
        params=FastAPIWebsocketParams(
            audio_in_enabled=True,
            audio_out_enabled=True,
            serializer=TwilioFrameSerializer(
                str(start["streamSid"]),
                params=TwilioFrameSerializer.InputParams(auto_hang_up=False),
            ),
        ),
    )
    detector = VADProcessor(vad_analyzer=SileroVADAnalyzer())
    pipeline = Pipeline([transport.input(), detector, _Echo(), transport.output()])
    worker = PipelineWorker(
        pipeline,
        params=PipelineParams(audio_in_sample_rate=_RATE, audio_out_sample_rate=_RATE),
    )

    async def gone(_transport: object, _client: object) -> None:
        await worker.cancel()

    transport.add_event_handler("on_client_disconnected", gone)
    runner = WorkerRunner(handle_sigint=False, handle_sigterm=False)
    await runner.add_workers(worker)
    await runner.run()


async def _tell() -> dict[str, int]:
    return _heard


if __name__ == "__main__":
    logger.remove()
    app = FastAPI()
    app.add_api_websocket_route("/media", _call)
    app.add_api_route("/heard", _tell)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", log_level="warning")
