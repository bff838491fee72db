"""How a call goes, from the queue to its final status.

Dials, rings, answers, lets person, machine detection and TwiML run side by side on the line, and
notifies the product of every step. The states are those of Twilio's Call resource.
"""

import asyncio

import msgspec

from sandbox.core.channel.codec import CodecMissingError
from sandbox.core.channel.settings import PERFECT
from sandbox.core.clock import utc_now
from sandbox.people.background import open_channel
from sandbox.people.person import Person, PersonSpec
from sandbox.people.script_runner import Handset, prepare, run_script
from sandbox.twilio.call import Call, CallRequest, Fetch
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.phone import Phone
from sandbox.twilio.voice.amd import detect
from sandbox.twilio.voice.callbacks import send_status
from sandbox.twilio.voice.interpreter import run_twiml

_KEY_SECONDS = {"w": 0.5, "W": 1.0}
_SILENT = Person(PersonSpec(name="stranger", number="+15555550100"), ())  # whoever else calls
_DIALLING_SECONDS = 0.1  # between leaving the queue and the far phone ringing


async def run_call(carrier: Carrier, call: Call) -> None:
    """Run a call from the queue to its final status."""
    call.started_at = utc_now()
    send_status(carrier, call, "initiated", "initiated")
    status = await _dial(carrier, call)
    if status == "in-progress" and call.person is not None:
        call.answer()
        send_status(carrier, call, "answered", "in-progress")
        await _talk(carrier, call, call.person)
        status = "completed"
    call.finish(status)
    send_status(carrier, call, "completed", status)


def receive_call(carrier: Carrier, caller: str, number: str, stir_verstat: str) -> Call:
    """Somebody calls one of the account's numbers, which has to have a voice webhook."""
    settings, status = carrier.settings, None
    if settings.voice_status_url:
        status = Fetch(settings.voice_status_url)
    call = carrier.new_call(
        CallRequest(
            to=number, from_=caller, source=Fetch(settings.voice_webhook_url),
            status_callback=status, direction="inbound", stir_verstat=stir_verstat,
        )
    )  # fmt: skip
    carrier.spawn(call, _run_inbound(carrier, call))
    return call


async def _run_inbound(carrier: Carrier, call: Call) -> None:
    """It rings until the product's instructions answer or reject it, or the caller gives up."""
    call.started_at = utc_now()
    person = call.person or _SILENT
    await _prepare(carrier, call, person)
    call.set_status("ringing")
    call.timeline.add("ringing")
    await _talk(carrier, call, person)
    if call.phone is not None:
        call.phone.over(call.sid)
    status = "completed" if call.answered.is_set() else call.rejected or "no-answer"
    call.finish(status)
    send_status(carrier, call, "completed", status)


async def _dial(carrier: Carrier, call: Call) -> str:
    """Ring until something decides how: the status that follows."""
    person = call.person
    if person is None or person.spec.answers == "failed":
        return "canceled" if await _ends_within(call, _DIALLING_SECONDS) else "failed"
    if person.spec.answers == "busy" or (call.phone is not None and call.phone.busy):
        rings = person.spec.rings_seconds
        return "canceled" if await _ends_within(call, rings) else "busy"
    async with asyncio.TaskGroup() as group:  # nobody picks up before they know what to say
        preparing = group.create_task(_prepare(carrier, call, person))
        status = await _ring(carrier, call, person)
        if status != "in-progress":
            preparing.cancel()
    return status


async def _prepare(carrier: Carrier, call: Call, person: Person) -> None:
    """What they will say, and the line they will say it on."""
    settings = carrier.line_to(call.party)
    # Drawn before anything is waited for, or the call's other random numbers would not repeat.
    seed = call.rng.getrandbits(32) if settings != PERFECT else 0
    await prepare(person, carrier.text_to_speech)
    try:
        call.line.channel = await open_channel(settings, person, carrier.text_to_speech, seed)
    except CodecMissingError as error:
        call.timeline.add("codec_missing", error=str(error))
        bare = msgspec.structs.replace(settings, codec="")
        call.line.channel = await open_channel(bare, person, carrier.text_to_speech, seed)


async def _ring(carrier: Carrier, call: Call, person: Person) -> str:
    if await _ends_within(call, _DIALLING_SECONDS):
        return "canceled"
    if not carrier.faults_to(call.party).skip_ringing:
        call.set_status("ringing")
        call.timeline.add("ringing")
        send_status(carrier, call, "ringing", "ringing")
    limit = call.request.timeout_seconds
    if call.phone is not None:
        return await _decided(call, call.phone, limit)
    never = person.spec.answers == "no-answer" or person.spec.rings_seconds > limit
    if await _ends_within(call, limit if never else person.spec.rings_seconds):
        return "canceled"
    return "no-answer" if never else "in-progress"


async def _decided(call: Call, phone: Phone, limit: float) -> str:
    """What whoever has a real phone makes of its ringing; declining counts as no answer."""
    async with asyncio.TaskGroup() as group:
        deciding = group.create_task(phone.ring(call.sid, call.request.from_))
        ending = group.create_task(call.ending.wait())
        await asyncio.wait({deciding, ending}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        decided, ended = deciding.done(), ending.done()
        deciding.cancel()
        ending.cancel()
    if decided and deciding.result():
        return "in-progress"
    return "canceled" if ended and not decided else "no-answer"


async def _talk(carrier: Carrier, call: Call, person: Person) -> None:
    """Everything between answer and end. Who ends it, sets `call.ending`."""
    handset = Handset(
        press=call.press_key,
        hang_up=lambda: call.hang_up("the person hung up"),
        greeting_ends=call.greeting_ended.set,
    )
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_be_there(carrier, call, person, handset)),
            group.create_task(detect(carrier, call, person)),
            group.create_task(_interpret(carrier, call)),
        ]
        if not await _ends_within(call, call.request.time_limit_seconds):
            call.hang_up("the time limit was reached")
        for task in tasks:
            task.cancel()


async def _be_there(carrier: Carrier, call: Call, person: Person, handset: Handset) -> None:
    """The person's end of the line, from the answer on."""
    await call.answered.wait()
    async with asyncio.TaskGroup() as group:
        group.create_task(call.line.run())
        if call.phone:
            await call.phone.talk(call.line, handset)
        else:
            await run_script(person, call.line, carrier.text_to_speech, handset)


async def _interpret(carrier: Carrier, call: Call) -> None:
    request = call.request
    if request.send_digits:
        call.timeline.add("keys_sent", keys=request.send_digits)
        await asyncio.sleep(sum(_KEY_SECONDS.get(key, 0.25) for key in request.send_digits))
    verdict_first = not request.async_amd or carrier.faults_to(call.party).amd_before_stream
    if request.machine_detection and verdict_first:
        await call.verdict_known.wait()
    await run_twiml(carrier, call)


async def _ends_within(call: Call, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await call.ending.wait()
    except TimeoutError:
        return False
    return True
