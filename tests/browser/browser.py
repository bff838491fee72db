"""A real browser for tests, or a skip that says what is missing."""

import contextlib
import shutil
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

# An address bar that nobody sees has pages of its own, one set for each window. The others are
# Playwright's, whose list this one replaces.
_WITHOUT = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "HttpsUpgrades", "LensOverlay", "MediaRouter",
    "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
    "SpareRendererForSitePerProcess",
)  # fmt: skip
_BINARIES = ("chromium", "chromium-browser", "google-chrome")


@contextlib.asynccontextmanager
async def browser(*flags: str) -> AsyncIterator[Any]:
    """A Chromium, driven by Playwright; what it says goes to nobody's network."""
    driver = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    binary = next((path for name in _BINARIES if (path := shutil.which(name))), None)
    if binary is None:
        pytest.skip(f"no browser: none of {', '.join(_BINARIES)} is on the path")
    async with driver.async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=binary,
            args=[
                "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                f"--disable-features={','.join(_WITHOUT)}", *flags,
            ],
        )  # fmt: skip
        try:
            yield running
        finally:
            await running.close()


def microphone(path: Path, hertz: float) -> tuple[str, ...]:
    """Flags that make a tone the microphone, and allow it without asking."""
    samples = 9000 * np.sin(2 * np.pi * hertz * np.arange(48_000) / 48_000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(samples.astype("<i2").tobytes())
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={path}",
    )
