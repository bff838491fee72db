"""What services tell of their use, and what is handed to them, counts for whoever asked for it."""

import asyncio
from collections import Counter

import pytest

from media.consumption import consumed, metered, told_as_it_grows
from media.engines.base import EngineError
from media.engines.llm.openai_llm import read_chunk
from media.jobs import Jobs
from media.providers.anthropic.llm import read_event
from media.providers.openai.realtime import count_tokens


async def test_a_call_s_jobs_count_for_it_whoever_starts_them() -> None:
    """A frame of sound comes in the socket's context, not in the call's."""
    jobs, mine, theirs = Jobs(), Counter[str](), Counter[str]()

    async def work(count: int) -> None:
        consumed("deepgram.tts", count)

    async with asyncio.TaskGroup() as group:
        with metered(mine):
            jobs.begin(group)
            jobs.start("one", work(1))
        with metered(theirs):
            jobs.start("two", work(2))
        jobs.start("three", work(4))
    assert (mine, theirs) == ({"deepgram.tts": 7}, {})
    consumed("deepgram.tts", 1)  # counts nowhere


def test_tokens_are_counted_where_a_model_tells_them_and_once() -> None:
    found = Counter[str]()
    with metered(found), told_as_it_grows() as told:
        for chunk in (
            '{"choices": [{"delta": {"content": "A"}}], "usage": {"prompt_tokens": 9}}',
            '{"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": null}',
            '{"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}',
        ):
            read_chunk(chunk, told)
        usage = {"input_tokens": 5, "output_tokens": 1}
        read_event({"type": "message_start", "message": {"usage": usage}}, told)
        read_event({"type": "message_delta", "usage": {"output_tokens": 3}}, told)
    assert found == {
        "openai.llm.input": 9, "openai.llm.output": 2,
        "anthropic.llm.input": 5, "anthropic.llm.output": 3,
    }  # fmt: skip


def test_tokens_of_a_reply_that_failed_are_those_it_told() -> None:
    found = Counter[str]()
    with metered(found), pytest.raises(EngineError), told_as_it_grows() as told:
        read_chunk(
            '{"error": {"code": 1}, "usage": {"prompt_tokens": 9, "completion_tokens": 2}}', told
        )
    with metered(found), told_as_it_grows() as told:
        read_event({"type": "message_start", "message": {"usage": {"input_tokens": 5}}}, told)
        with pytest.raises(EngineError):
            read_event({"type": "error", "error": {"type": "overloaded_error"}}, told)
    assert found == {"openai.llm.input": 9, "openai.llm.output": 2, "anthropic.llm.input": 5}


def test_a_model_that_speaks_itself_has_tokens_of_text_and_sound_some_of_them_cached() -> None:
    usage = {
        "input_token_details": {
            "text_tokens": 10, "audio_tokens": 20, "cached_tokens": 12,
            "cached_tokens_details": {"text_tokens": 4, "audio_tokens": 8},
        },
        "output_token_details": {"text_tokens": 3, "audio_tokens": 30},
    }  # fmt: skip
    found = Counter[str]()
    with metered(found):
        count_tokens(usage)
        count_tokens({"input_tokens": 1, "output_tokens": 1})  # of no kind that has a price
    assert found == {
        "openai.realtime.text_input": 6, "openai.realtime.text_cached": 4,
        "openai.realtime.audio_input": 12, "openai.realtime.audio_cached": 8,
        "openai.realtime.text_output": 3, "openai.realtime.audio_output": 30,
    }  # fmt: skip
