"""How messages go: out to people and on to their final status, and in from people.

A text in is told to the product, whose answer may send more; a text out may be answered by the
person who gets it. STOP and the like are the carrier's to hear first.
"""

import asyncio

from sandbox.people.person import Person
from sandbox.people.text_behaviour import NOBODY
from sandbox.twilio.call import Fetch
from sandbox.twilio.messages.callbacks import inbound_params, status_params
from sandbox.twilio.messages.message import Direction, Message
from sandbox.twilio.messages.params import MessageRequest, parse_message
from sandbox.twilio.messages.store import Texts
from sandbox.twilio.messages.twiml import Answer, parse_answer
from sandbox.twilio.params import TwilioError
from sandbox.twilio.voice.twiml import ApplicationError
from sandbox.twilio.webhooks import split_overrides

_STEP_SECONDS = 0.05  # in the queue, and again on the way to the network


def send(texts: Texts, request: MessageRequest, direction: Direction) -> Message:
    """Take a message of the account on. Raises TwilioError when its receiver has opted out."""
    if texts.opt_outs.blocks(request.from_, request.to):
        raise TwilioError(400, 21610, "Attempt to send to unsubscribed recipient")
    message = texts.add(request, direction)
    message.luck = texts.carrier.take_luck("message", message.party)
    texts.carrier.spawn(message, _deliver(texts, message))
    return message


def text_in(texts: Texts, request: MessageRequest) -> Message:
    """Somebody texts one of the account's numbers."""
    message = texts.add(request, "inbound")
    texts.show(message)
    person, number = request.from_, request.to
    if word := texts.opt_outs.hear(number, person, request.body):
        texts.show(texts.add(MessageRequest(to=person, from_=number, body=word), "carrier"))
    texts.carrier.spawn(message, _tell_product(texts, message))
    return message


async def _deliver(texts: Texts, message: Message) -> None:
    person = texts.carrier.people.get(message.request.to)
    manners = person.spec.texts if person else NOBODY
    await asyncio.sleep(_STEP_SECONDS)
    message.set_status("sending")  # seen by REST only: no callback tells of it
    await asyncio.sleep(_STEP_SECONDS)
    if manners.delivery != "failed":
        _reach(texts, message, "sent")
        await asyncio.sleep(manners.delay_ms / 1000)
    if manners.delivery != "sent":
        error_code = None if manners.arrives else manners.error_code
        _reach(texts, message, manners.delivery, error_code)
    if manners.arrives:
        texts.show(message)
    if person and manners.arrives:
        await _reply(texts, message, person)


def _reach(texts: Texts, message: Message, status: str, error_code: int | None = None) -> None:
    """Move on and call back, unless the callback gets lost."""
    message.set_status(status, error_code)
    callback = message.request.status_callback
    if callback is None:
        return
    if message.luck.random() < texts.carrier.faults_to(message.party).drop_sms_callbacks:
        message.timeline.add("callback_dropped", status=status)
    else:
        texts.carrier.notify(message, callback, status_params(message))


async def _reply(texts: Texts, message: Message, person: Person) -> None:
    """What the person texts back; they finish one reply before they begin the next."""
    reader = texts.reader(person)
    reply = reader.next_reply()
    if reply is None:
        return
    to, from_ = message.request.from_, message.request.to
    async with reader.thumbs:
        for number, body in enumerate(reply.texts):
            await asyncio.sleep((reply.apart_ms if number else reply.after_ms) / 1000)
            media = () if number else tuple(reply.media)
            text_in(texts, MessageRequest(to=to, from_=from_, body=body, media=media))


async def _tell_product(texts: Texts, message: Message) -> None:
    """Post a text to the product and do as it answers."""
    settings = texts.carrier.settings
    if not settings.sms_webhook_url:
        return
    try:
        answer = await _ask(texts, message, settings.sms_webhook_url)
    except ApplicationError as error:
        message.alert(error.code, error.message)
        return
    for warning in answer.warnings:
        message.alert(12200, f"Schema validation warning: {warning}")
    for fields in answer.messages:
        try:
            send(texts, parse_message(fields, settings.numbers), "outbound-reply")
        except TwilioError as error:
            message.alert(error.code, error.message)


async def _ask(texts: Texts, message: Message, url: str) -> Answer:
    reply = await texts.carrier.request(message, Fetch(url), inbound_params(message))
    if reply.error:
        raise ApplicationError(reply.error, f"No usable answer, HTTP status {reply.status}")
    url, person, number = split_overrides(url)[0], message.request.from_, message.request.to
    return parse_answer(reply.body, reply.content_type, url, person, number)
