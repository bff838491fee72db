"""Random answers of a chat completions endpoint: chunks of any shape, cut anywhere, broken anyhow.

A `Reply` is what goes over the network; `sent` has an openai client take them instead of asking.
"""

import json
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any

import httpx2
import msgspec
import openai
from hypothesis import strategies as st

from media.engines.llm.openai_llm import OpenAILanguageModel, OpenAISettings


class Reply(msgspec.Struct, frozen=True):
    """Pieces of a body as they arrive; then, perhaps, the connection `breaks`."""

    status: int
    media: str
    pieces: tuple[bytes, ...]
    breaks: type[Exception] | None = None


class Body(httpx2.AsyncByteStream):
    """A body that arrives piece by piece."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._reply.pieces:
            yield piece
        if self._reply.breaks is not None:
            raise self._reply.breaks("gone")


def answering(next_reply: Callable[[], Reply]) -> OpenAILanguageModel:
    """A language model whose endpoint gives these replies."""

    def answer(_: httpx2.Request) -> httpx2.Response:
        reply = next_reply()
        return httpx2.Response(
            reply.status, headers={"content-type": reply.media}, stream=Body(reply)
        )

    llm = OpenAILanguageModel(OpenAISettings("http://mind.test/v1", "k", "m", max_retries=0))
    llm._client = openai.AsyncOpenAI(
        base_url="http://mind.test/v1",
        api_key="k",
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(answer)),
    )
    return llm


_TAGS = (
    "<think>", "</think>", "<thinking>", "</thought>", "<|im_start|>", "<|im_end|>", "<|channel|>",
    "analysis", "final", "<|message|>", "<|start|>assistant", "<|end|>", "<start_of_turn>",
    "<end_of_turn>", "</s>", "<｜end▁of▁sentence｜>", "Assistant:", "**AI:** ", "user\n", "<", "</",
    "<|", "|>", "< 3", "<b>bold</b>",
)  # fmt: skip
_WORDS = (
    "Tea is nice. ", "What do you like? ", "Goodbye.", "1/2 cup of 3.5 g", "好的。", "😀", "\n\n",
    "* one\n* two", "\x00", "\x07", "\u2028", "e\u0301", "https://a.example/x?y=1", "&amp;&#0;",
)  # fmt: skip
said = st.lists(
    st.one_of(st.sampled_from(_WORDS), st.sampled_from(_TAGS), st.text(max_size=8)), max_size=5
).map("".join)
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | said,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("text", "type", "content", "delta", "x")), inner, max_size=3
        )
    ),
    max_leaves=6,
)
_part = st.one_of(
    said, st.builds(lambda text: {"type": "text", "text": text}, said),
    st.builds(lambda text: {"type": "image_url", "text": text}, said), _anything,
)  # fmt: skip
_content = st.one_of(said, st.lists(_part, max_size=3), _anything)
_finish = st.sampled_from((None, None, None, "stop", "length", "content_filter", "", 1))
_usual = st.builds(
    lambda text, finish: {"choices": [{"index": 0, "delta": {"content": text},
                                       "finish_reason": finish}]},
    said, _finish,
)  # fmt: skip
_choice = st.one_of(
    st.builds(
        lambda key, content, finish: {key: {"content": content, "role": "assistant"},
                                      "finish_reason": finish},
        st.sampled_from(("delta", "message", "text")), _content, _finish,
    ),
    st.builds(lambda finish: {"finish_reason": finish}, _finish),
    st.just({"delta": None}), _anything,
)  # fmt: skip
_chunk = st.one_of(
    _usual, _usual, _usual,
    st.builds(lambda some: {"choices": some}, st.lists(_choice, max_size=3)),
    st.builds(lambda odd: {"choices": odd}, _anything),
    st.builds(lambda odd: {"error": odd}, _anything),
    st.just({"usage": {"total_tokens": 5}, "choices": []}), _anything,
)  # fmt: skip
_deep = st.builds(
    lambda many, opening: opening * many, st.integers(1, 5000), st.sampled_from(("[", '{"a":'))
)
_data = st.one_of(
    _chunk.map(json.dumps), _chunk.map(lambda one: json.dumps(one, ensure_ascii=False)),
    st.sampled_from(
        ("[DONE]", "", "{", "null", '"\\ud800"', '{"choices":[{"delta":{"content":"\\udc00"}}]}',
         "[DONE] really")
    ), _deep,
)  # fmt: skip


def _event(data: str, before: str, spaced: str, end: str) -> bytes:
    lines = (f"data:{spaced}{line}" for line in data.split("\n"))
    return (before + end.join(lines) + end + end).encode("utf-8", "surrogatepass")


_events = st.builds(
    _event, _data,
    st.sampled_from(
        ("", "", "", ": ping\n", "event: ping\n", "event: error\n", "id: 7\n", "retry\n")
    ),
    st.sampled_from((" ", " ", "")), st.sampled_from(("\n", "\n", "\r\n")),
)  # fmt: skip
_ENDINGS = (
    b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    b"data: [DONE]\n\n", b"data: [DONE]", b"", b"\xff\xfe\n\n", b"data: \x80\n\n",
)  # fmt: skip
_bodies = st.builds(
    lambda events, ending: b"".join(events) + ending,
    st.lists(_events, max_size=8), st.sampled_from(_ENDINGS + _ENDINGS[:1] * 6),
)  # fmt: skip


def cut(body: bytes, places: list[int]) -> tuple[bytes, ...]:
    """The body in pieces, cut at these places wherever they lie in it."""
    marks = sorted({place % (len(body) + 1) for place in places} | {0, len(body)})
    return tuple(body[start:end] for start, end in pairwise(marks))


places = st.lists(st.integers(0, 10**6), max_size=12)
_BREAKS: Any = (None, None, None, httpx2.ReadError, httpx2.ReadTimeout, httpx2.RemoteProtocolError)
_STREAM = "text/event-stream; charset=utf-8"
replies = st.one_of(
    st.builds(
        lambda body, where, breaks: Reply(200, _STREAM, cut(body, where), breaks),
        _bodies, places, st.sampled_from(_BREAKS),
    ),
    st.builds(
        lambda status, media, body: Reply(status, media, (body.encode("utf-8", "surrogatepass"),)),
        st.sampled_from((200, 200, 204, 302, 400, 401, 404, 422, 429, 500, 503)),
        st.sampled_from(("application/json", "text/html", "", _STREAM)), _data,
    ),
)  # fmt: skip
bodies = _bodies
