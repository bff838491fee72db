"""Telephone lines of the sandbox's people, as a product's socket hears them."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sandbox.core.audio import decode_mulaw, rms
from sandbox.core.channel import codec
from tests.integration.sandbox.world import PERSON, SDK_WARNINGS, Stream, tone, twilio, world

pytestmark = SDK_WARNINGS
STAY = [{"after_ms": 60_000}]


class Ears:
    """A product that plays half a second of a tone and keeps what comes back."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    async def __call__(self, stream: Stream) -> None:
        stream.sid = (await stream.until("start"))["streamSid"]
        await stream.play(tone(440, 500))
        await stream.mark("played")
        while True:
            message = await stream.receive()
            assert message is not None
            if message["event"] == "media":
                self.frames.append(base64.b64decode(message["media"]["payload"]))
            elif message["event"] == "mark":
                break
        for _ in range(20):
            media = await stream.until("media")
            self.frames.append(base64.b64decode(media["media"]["payload"]))

    def loudness(self) -> list[float]:
        return [rms(frame) for frame in self.frames]


async def heard(tmp_path: Path, *, faults: dict[str, Any], **person: Any) -> tuple[Ears, Any]:
    ears = Ears()
    async with world(tmp_path) as w, twilio(w.base_url) as client:
        w.product.documents["/voice"] = w.product.stream_twiml
        w.product.media = ears
        await w.add_person(steps=STAY, **person)
        await w.set_faults(**faults)
        call = await w.over(await w.place(client))
    return ears, call


async def test_the_products_own_voice_comes_back_from_a_speakerphone(tmp_path: Path) -> None:
    ears, _ = await heard(tmp_path, faults={}, line={"echo_db": -20, "echo_delay_ms": 100})
    loud = [number for number, loudness in enumerate(ears.loudness()) if loudness > 100]
    assert len(loud) == pytest.approx(25, abs=2), "half a second"
    echo = np.concatenate([decode_mulaw(ears.frames[number]) for number in loud[1:-1]])
    assert np.sqrt(np.mean(np.square(echo, dtype=float))) == pytest.approx(
        9000 / np.sqrt(2) / 10, rel=0.12
    )


async def test_everybodys_line_can_be_set_and_a_missing_codec_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codec, "_LIBRARIES", {"gsm": ("no-such-library", "libgsm1")})
    ears, call = await heard(tmp_path, faults={"line": {"noise_db": 30, "codec": "gsm"}})
    assert all(20 < loudness < 400 for loudness in ears.loudness())
    (told,) = [entry for entry in call["timeline"] if entry["event"] == "codec_missing"]
    assert told["fields"]["error"] == "no gsm codec here: apt-get install libgsm1"


async def test_a_line_that_cannot_be_is_refused_with_its_reason(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        person = {"name": "somebody", "number": PERSON, "line": {"echo_db": 6}}
        async with w.http.post(f"{w.base_url}/people", json=person) as response:
            assert response.status == 400
            assert "`float` <= 0.0 - at `$.line.echo_db`" in await response.text()
        async with w.http.put(f"{w.base_url}/world/faults", json={"line": {"hum": 1}}) as response:
            assert response.status == 400
            assert "unknown field `hum` - at `$.line`" in await response.text()
