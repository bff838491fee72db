"""Runs a call's TwiML from the answer until there is nothing left to do.

Fetches documents, runs their verbs, uses the fallback when a document is unusable, and starts
over with a new document when the call is updated by REST. Returning ends the call.
"""

import asyncio
from urllib.parse import urlsplit

from sandbox.twilio.call import Call, Fetch, Inline, Source
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.voice.callbacks import send_stream_status, voice_params
from sandbox.twilio.voice.stream import MediaStream
from sandbox.twilio.voice.stream_socket import StreamError, open_socket
from sandbox.twilio.voice.twiml import (
    ApplicationError,
    Connect,
    Dial,
    Document,
    HangUp,
    Redirect,
    Reject,
    StreamNoun,
    Wait,
    parse_twiml,
    speaking_seconds,
)
from sandbox.twilio.webhooks import split_overrides

_XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
_APOLOGY = "We are sorry, an application error has occurred. Goodbye."


async def run_twiml(carrier: Carrier, call: Call) -> None:
    """Interpret the call's TwiML to its end, then hang up."""
    source: Source | None = call.request.source
    while source is not None:
        source = await _until_redirected(carrier, call, source)
    call.hang_up("the document ended")


async def _until_redirected(carrier: Carrier, call: Call, source: Source) -> Source | None:
    async with asyncio.TaskGroup() as group:
        running = group.create_task(_run(carrier, call, source))
        redirect = group.create_task(call.redirects.get())
        await asyncio.wait({running, redirect}, return_when=asyncio.FIRST_COMPLETED)
        redirected = redirect.done()
        running.cancel()
        redirect.cancel()
    return redirect.result() if redirected else running.result()


async def _run(carrier: Carrier, call: Call, source: Source) -> Source | None:
    try:
        return await _execute(carrier, call, await _document(carrier, call, source))
    except ApplicationError as error:
        call.alert(error.code, error.message)
        if isinstance(source, Inline) or call.fallback is None:
            return await _give_up(call)
        failed = {"ErrorCode": str(error.code), "ErrorUrl": split_overrides(source.url)[0]}
    try:
        document = await _document(carrier, call, call.fallback, failed)
        return await _execute(carrier, call, document)
    except ApplicationError as error:
        call.alert(error.code, error.message)
        return await _give_up(call)


async def _give_up(call: Call) -> Source | None:
    await asyncio.sleep(speaking_seconds(_APOLOGY))
    call.hang_up("application error")
    return None


async def _document(
    carrier: Carrier, call: Call, source: Source, extra: dict[str, str] | None = None
) -> Document:
    if isinstance(source, Inline):
        return _warned(call, parse_twiml(source.twiml, ""))
    reply = await carrier.request(call, source, voice_params(call) | (extra or {}))
    if reply.error:
        raise ApplicationError(reply.error, f"No usable document, HTTP status {reply.status}")
    content_type = reply.content_type.partition(";")[0].strip().lower()
    if content_type not in _XML_TYPES:
        raise ApplicationError(12300, f"Invalid Content-Type {content_type!r}")
    return _warned(call, parse_twiml(reply.body, split_overrides(source.url)[0]))


def _warned(call: Call, document: Document) -> Document:
    for warning in document.warnings:
        call.alert(12200, f"Schema validation warning: {warning}")
    return document


async def _execute(carrier: Carrier, call: Call, document: Document) -> Source | None:
    for verb in document.verbs:
        if call.status == "ringing" and not (isinstance(verb, Wait) and not verb.text):
            if isinstance(verb, Reject):
                call.rejected = "busy" if verb.reason == "busy" else "no-answer"
                return None
            call.answer()  # a call that comes in, by its first verb but a pause
        match verb:
            case Wait(seconds, text):
                if text:
                    call.timeline.add("carrier_says", text=text)
                await asyncio.sleep(seconds)
            case Dial(number, keys):
                call.timeline.add("dialled_on", number=number, keys=keys)
                child = call.dial_on(number)
                try:
                    await asyncio.Event().wait()  # the two talk until the call is ended
                finally:
                    child.finish("completed")
            case HangUp() | Reject():
                return None
            case Redirect(url, method):
                return Fetch(url, method)
            case Connect(stream, action, method):
                await _connect(carrier, call, stream)
                if action:
                    return Fetch(action, method)
    return None


async def _connect(carrier: Carrier, call: Call, noun: StreamNoun) -> None:
    """Run a media stream; a failure is reported and the next verb runs."""
    to = Fetch(noun.status_callback, noun.status_callback_method) if noun.status_callback else None
    try:
        _check(noun)
        socket = await open_socket(noun.url, carrier.webhooks.signature(noun.url, {}))
    except StreamError as error:
        call.alert(error.code, error.message)
        failed = {"StreamSid": "", "StreamName": noun.name, "StreamEvent": "stream-error"}
        send_stream_status(carrier, call, to, failed | {"StreamError": error.message})
        return
    stream = MediaStream(call, socket, carrier.faults_to(call.party))
    facts = {"StreamSid": stream.sid, "StreamName": noun.name or stream.sid}
    send_stream_status(carrier, call, to, facts | {"StreamEvent": "stream-started"})
    call.press = stream.press
    try:
        await stream.run(noun.parameters, lambda work: carrier.spawn(call, work))
    finally:
        call.press = None
        stopped = facts | {"StreamEvent": "stream-stopped"}
        send_stream_status(carrier, call, to, stopped, how=stream.ending)


def _check(noun: StreamNoun) -> None:
    parts = urlsplit(noun.url)
    if parts.scheme not in ("wss", "ws"):  # ws only because this is a sandbox
        raise StreamError(31922, "Stream URL must be wss")
    if parts.query or "?" in noun.url:
        raise StreamError(31920, "Stream URL must not have a query string")
    if noun.track != "inbound_track":
        raise StreamError(31941, "A connected stream has only the inbound track")
