"""All messages of the account, who has opted out of them, and how far people are in replying.

Holds state only; how a message goes is in `lifecycle`. Knows no routes.
"""

import asyncio

from sandbox.people.person import Person
from sandbox.people.text_behaviour import TextReply
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.messages.message import Direction, Message
from sandbox.twilio.messages.opt_out import OptOuts
from sandbox.twilio.messages.params import MessageRequest


class ReplyQueue:
    """The replies a person has left; `typing` is held while one is sent."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.typing = asyncio.Lock()
        self._replies = iter(person.spec.texts.replies)

    def next_reply(self) -> TextReply | None:
        """The reply to one more message; None when there is nothing left to say."""
        return next(self._replies, None)


class MessageStore:
    """The messages of one account at the carrier, in the order they were made."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.messages: dict[str, Message] = {}
        self.opt_outs = OptOuts()
        self._reply_queues: dict[str, ReplyQueue] = {}

    def add(self, request: MessageRequest, direction: Direction) -> Message:
        """Take a message on; nothing happens to it yet."""
        message = Message(self.carrier.settings.account_sid, request, direction)
        self.messages[message.sid] = message
        return message

    def show(self, message: Message) -> None:
        """Let the phone at the far end see a message that reached it or was sent from it."""
        phone = self.carrier.phones.get(message.party)
        if phone is not None:
            phone.show_text(message.as_seen_by_its_phone())

    def reply_queue(self, person: Person) -> ReplyQueue:
        """Where a person is; one who was replaced by another starts afresh."""
        reply_queue = self._reply_queues.get(person.spec.number)
        if reply_queue is None or reply_queue.person is not person:
            reply_queue = self._reply_queues[person.spec.number] = ReplyQueue(person)
        return reply_queue
