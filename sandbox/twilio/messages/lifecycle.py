"""How messages go: out to people and on to their final status, and in from people.

A text in is posted to the product, whose answer may send more; a text out may be answered by the
person who gets it. STOP and the like are handled by the carrier first.
"""

import asyncio

from sandbox.people.person import Person
from sandbox.people.text_behaviour import UNASSIGNED
from sandbox.twilio.call import Fetch
from sandbox.twilio.messages.callbacks import inbound_params, status_params
from sandbox.twilio.messages.message import Direction, Message
from sandbox.twilio.messages.params import MessageRequest, parse_message
from sandbox.twilio.messages.store import MessageStore
from sandbox.twilio.messages.twiml import Answer, parse_answer
from sandbox.twilio.params import TwilioError
from sandbox.twilio.voice.twiml import ApplicationError
from sandbox.twilio.webhooks import split_overrides

_STEP_SECONDS = 0.05  # in the queue, and again on the way to the network


def send(texts: MessageStore, request: MessageRequest, direction: Direction) -> Message:
    """Take a message of the account on. Raises TwilioError when its receiver has opted out."""
    if texts.opt_outs.blocks(request.from_, request.to):
        raise TwilioError(400, 21610, "Attempt to send to unsubscribed recipient")
    message = texts.add(request, direction)
    message.rng = texts.carrier.take_rng("message", message.party)
    texts.carrier.spawn(message, _deliver(texts, message))
    return message


def receive_text(texts: MessageStore, request: MessageRequest) -> Message:
    """Somebody texts one of the account's numbers."""
    message = texts.add(request, "inbound")
    texts.show(message)
    person, number = request.from_, request.to
    if word := texts.opt_outs.apply(number, person, request.body):
        texts.show(texts.add(MessageRequest(to=person, from_=number, body=word), "carrier"))
    texts.carrier.spawn(message, _post_to_product(texts, message))
    return message


async def _deliver(texts: MessageStore, message: Message) -> None:
    person = texts.carrier.people.get(message.request.to)
    behaviour = person.spec.texts if person else UNASSIGNED
    await asyncio.sleep(_STEP_SECONDS)
    message.set_status("sending")  # seen by REST only: no callback is sent
    await asyncio.sleep(_STEP_SECONDS)
    if behaviour.delivery != "failed":
        _advance(texts, message, "sent")
        await asyncio.sleep(behaviour.delay_ms / 1000)
    if behaviour.delivery != "sent":
        error_code = None if behaviour.arrives else behaviour.error_code
        _advance(texts, message, behaviour.delivery, error_code)
    if behaviour.arrives:
        texts.show(message)
    if person and behaviour.arrives:
        await _reply(texts, message, person)


def _advance(
    texts: MessageStore, message: Message, status: str, error_code: int | None = None
) -> None:
    """Move on and call back, unless the callback gets lost."""
    message.set_status(status, error_code)
    callback = message.request.status_callback
    if callback is None:
        return
    if message.rng.random() < texts.carrier.faults_to(message.party).drop_sms_callbacks:
        message.timeline.add("callback_dropped", status=status)
    else:
        texts.carrier.notify(message, callback, status_params(message))


async def _reply(texts: MessageStore, message: Message, person: Person) -> None:
    """What the person texts back; they finish one reply before they begin the next."""
    reply_queue = texts.reply_queue(person)
    reply = reply_queue.next_reply()
    if reply is None:
        return
    to, from_ = message.request.from_, message.request.to
    async with reply_queue.typing:
        for number, body in enumerate(reply.texts):
            await asyncio.sleep((reply.apart_ms if number else reply.after_ms) / 1000)
            media = () if number else tuple(reply.media)
            receive_text(texts, MessageRequest(to=to, from_=from_, body=body, media=media))


async def _post_to_product(texts: MessageStore, message: Message) -> None:
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


async def _ask(texts: MessageStore, message: Message, url: str) -> Answer:
    reply = await texts.carrier.request(message, Fetch(url), inbound_params(message))
    if reply.error:
        raise ApplicationError(reply.error, f"No usable answer, HTTP status {reply.status}")
    url, person, number = split_overrides(url)[0], message.request.from_, message.request.to
    return parse_answer(reply.body, reply.content_type, url, person, number)
