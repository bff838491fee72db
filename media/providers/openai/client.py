"""How the endpoint is reached: a pool of connections for each engine."""

import ssl
from functools import cache

import openai

from media.providers.openai.settings import OpenAISettings


def new_client(settings: OpenAISettings) -> openai.AsyncOpenAI:
    """Nothing is asked of it yet; a request is never repeated, as whoever asks has others."""
    return openai.AsyncOpenAI(
        base_url=settings.base_url,
        api_key=settings.api_key.reveal() or "none",
        max_retries=0,
        timeout=openai.Timeout(
            settings.read_timeout_seconds, connect=settings.connect_timeout_seconds
        ),
        http_client=openai.DefaultAsyncHttpxClient(verify=_trusted()),
    )


@cache
def _trusted() -> ssl.SSLContext:
    """Read once: it is 20 ms of the event loop, while calls are heard. The machine's certificates,
    as for the sockets of other makers."""
    return ssl.create_default_context()


def reason(error: Exception) -> str:
    """What went wrong, without the error's text, which may quote what was said."""
    status: int | None = getattr(error, "status_code", None)
    return f"HTTP {status}" if status else type(error).__name__
