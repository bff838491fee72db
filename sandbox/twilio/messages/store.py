"""All messages of the account, who has opted out of them, and how far people are in replying.

Holds state only; how a message goes is in `life`. Knows no routes.
"""

import asyncio

from sandbox.people.person import Person
from sandbox.people.text_behaviour import TextReply
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.messages.message import Direction, Message
from sandbox.twilio.messages.opt_out import OptOuts
from sandbox.twilio.messages.params import MessageRequest


class Reader:
    """A person on their way through their replies; `thumbs` type one reply at a time."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.thumbs = asyncio.Lock()
        self._replies = iter(person.spec.texts.replies)

    def next_reply(self) -> TextReply | None:
        """The reply to one more message; None when there is nothing left to say."""
        return next(self._replies, None)


class Texts:
    """The messages of one account at the carrier, in the order they were made."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.messages: dict[str, Message] = {}
        self.opt_outs = OptOuts()
        self._readers: dict[str, Reader] = {}

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

    def reader(self, person: Person) -> Reader:
        """Where a person is; one who was replaced by another starts afresh."""
        reader = self._readers.get(person.spec.number)
        if reader is None or reader.person is not person:
            reader = self._readers[person.spec.number] = Reader(person)
        return reader
