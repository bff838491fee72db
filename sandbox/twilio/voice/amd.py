"""Answering machine detection: when the result is there, what it says, and how it is sent.

The verdict itself is written in the person; here it meets Twilio's timeout and the two ways of
telling it. In synchronous mode the document is asked for only after the verdict.
"""

import asyncio

from sandbox.people.person import Person, Verdict
from sandbox.twilio.call import Call
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.voice.callbacks import amd_params

_PAUSE_MS = 600  # of quiet, after which the person's first words count as over


async def detect(carrier: Carrier, call: Call, person: Person) -> None:
    """Reach the verdict of an answered call and send it."""
    request = call.request
    if not request.machine_detection:
        return
    if request.async_amd and request.async_amd_callback is None:
        call.alert(21262, "Asynchronous machine detection without a callback URL")
    started_ms = call.timeline.now_ms()
    verdict = await _verdict(carrier, call, person)
    detection_ms = round(call.timeline.now_ms() - started_ms)
    call.answered_by = verdict
    dropped = request.async_amd and carrier.faults_to(call.party).drop_amd
    if not dropped:
        call.timeline.add("amd_verdict", answered_by=verdict, detection_ms=detection_ms)
    if request.async_amd and request.async_amd_callback is not None and not dropped:
        params = amd_params(call, verdict, detection_ms)
        if carrier.faults_to(call.party).amd_before_stream:
            await carrier.request(call, request.async_amd_callback, params)
        else:
            carrier.notify(call, request.async_amd_callback, params)
    call.verdict_known.set()


async def _verdict(carrier: Carrier, call: Call, person: Person) -> str:
    ends = call.request.machine_detection == "DetectMessageEnd"
    amd = person.spec.amd
    wanted = amd.detect_message_end if ends else amd.enable
    if carrier.faults_to(call.party).amd_before_stream:
        return wanted.answered_by
    try:
        async with asyncio.timeout(call.request.machine_detection_timeout_seconds):
            await _reached(call, wanted)
            return wanted.answered_by
    except TimeoutError:
        # Once a machine was recognised, running out of time is machine_end_other.
        machine = ends and amd.enable.answered_by == "machine_start"
        return "machine_end_other" if machine else "unknown"


async def _reached(call: Call, wanted: Verdict) -> None:
    if wanted.counted_from == "greeting":
        await call.greeting_ended.wait()
    due_ms = call.timeline.now_ms() + wanted.after_ms
    person, early = call.line.person, wanted.counted_from == "words"

    def known(now_ms: float) -> bool:
        spoke = early and person.started_at_ms >= 0 and person.quiet_ms(now_ms) >= _PAUSE_MS
        return spoke or now_ms >= due_ms

    await call.line.until(known)
