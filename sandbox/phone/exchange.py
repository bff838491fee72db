"""Which browser has which number, and for how long.

Connects telephones to the carrier while their page is there: then the number is a person who can
be called and texted, else nobody's. A page that comes back within a minute gets its number again;
a call waits a few seconds for its page. Knows no websockets.
"""

import asyncio
import time
from collections.abc import Callable

from sandbox.people.person import Amd, Person, PersonSpec, Verdict
from sandbox.phone.messages import OPENED_ELSEWHERE, SANDBOX_STOPS
from sandbox.phone.telephone import Send, Telephone
from sandbox.twilio.messages.lifecycle import receive_text
from sandbox.twilio.messages.message import Message
from sandbox.twilio.messages.params import MessageRequest
from sandbox.twilio.messages.store import MessageStore
from sandbox.twilio.voice.lifecycle import receive_call

BLOCK = tuple(f"+120255501{number}" for number in range(20, 40))
Close = Callable[[int, str], None]
KEPT_SECONDS = 60.0
_VERDICT = Verdict(answered_by="human", after_ms=2000, counted_from="words")
_MOST_SHOWN = 50


class NoNumberError(Exception):
    """There is no such number to be had; the message says why and may be shown."""


class _Assignment:
    """A number in use, or kept for its key until `kept_until`."""

    def __init__(self, telephone: Telephone) -> None:
        self.telephone = telephone
        self.close: Close | None = None
        self.kept_until = 0.0
        self.leaving: asyncio.TimerHandle | None = None
        self.first_text = 0


class Exchange:
    """All telephones in browsers. Use inside a running loop."""

    def __init__(self, texts: MessageStore) -> None:
        self.texts = texts
        self._carrier = texts.carrier
        self._assignments: dict[str, _Assignment] = {}

    def join(self, key: str, wanted: str, send: Send, close: Close) -> Telephone:
        """A page is there: its telephone, with the number it had or another. `close` is called
        with a code and a reason when the page must be closed. Raises NoNumberError."""
        assignment = self._assign(key, wanted)
        if assignment.leaving is not None:
            assignment.leaving.cancel()
            assignment.leaving = None
        if assignment.close is not None:
            assignment.telephone.page_left()
            assignment.close(OPENED_ELSEWHERE, "opened in another page")
        assignment.close, assignment.telephone.send = close, send
        number = assignment.telephone.number
        self._carrier.phones[number] = assignment.telephone
        self._carrier.people[number] = _person(number)
        return assignment.telephone

    def leave(self, telephone: Telephone, send: Send) -> None:
        """The page that listened by `send` is gone; a call waits for it to come back."""
        assignment = self._assignments[telephone.number]
        if telephone.send != send:
            return  # another page has taken over
        telephone.page_left()
        assignment.close = None
        if telephone.busy:
            grace = self._carrier.settings.phone_grace_seconds
            assignment.leaving = asyncio.get_running_loop().call_later(
                grace, self._release, assignment
            )
        else:
            self._release(assignment)

    def close(self) -> None:
        """Close the socket of every page; they reconnect by themselves."""
        for assignment in self._assignments.values():
            if assignment.close is not None:
                assignment.close(SANDBOX_STOPS, "the sandbox stops")

    def history(self, telephone: Telephone) -> list[Message]:
        """The latest texts to and from it since its page first came."""
        since = self._assignments[telephone.number].first_text
        messages = list(self.texts.messages.values())[since:]
        return [
            message
            for message in messages
            if message.party == telephone.number
            and message.status in ("delivered", "sent", "received")
        ][-_MOST_SHOWN:]

    def texts_to(self, telephone: Telephone) -> str:
        """Whom it texts: who texted it last, or the account's first number."""
        senders = [
            one.request.from_ for one in self.history(telephone) if one.direction != "inbound"
        ]
        return senders[-1] if senders else self._carrier.settings.numbers[0]

    def text(self, telephone: Telephone, body: str) -> None:
        """A text was typed on it."""
        to = self.texts_to(telephone)
        receive_text(self.texts, MessageRequest(to=to, from_=telephone.number, body=body))

    def dial(self, telephone: Telephone) -> None:
        """It calls the account, if it is in no call and there is somebody to ask what to do."""
        if not telephone.busy and self._carrier.settings.voice_webhook_url:
            to = self._carrier.settings.numbers[0]
            call = receive_call(self._carrier, telephone.number, to, "TN-Validation-Passed-A")
            telephone.calls(call.sid, to, lambda: call.hang_up("the person hung up"))

    def _release(self, assignment: _Assignment) -> None:
        number, assignment.leaving = assignment.telephone.number, None
        assignment.telephone.hang_up()
        assignment.kept_until = time.monotonic() + KEPT_SECONDS
        self._carrier.phones.pop(number, None)
        self._carrier.people.pop(number, None)

    def _assign(self, key: str, wanted: str) -> _Assignment:
        mine = next(
            (
                assignment
                for assignment in self._assignments.values()
                if assignment.telephone.key == key
            ),
            None,
        )
        if mine is not None and wanted in ("", mine.telephone.number) and self._is_kept(mine):
            return mine
        if wanted and wanted not in BLOCK:
            raise NoNumberError(f"Numbers are from {BLOCK[0]} to {BLOCK[-1]}.")
        number = next((one for one in ((wanted,) if wanted else BLOCK) if self._is_free(one)), "")
        if not number:
            raise NoNumberError(
                f"{wanted} is open in another page." if wanted else "All numbers are in use."
            )
        if mine is not None and mine.telephone.number not in self._carrier.phones:
            self._assignments.pop(mine.telephone.number, None)
        patience = self._carrier.settings.phone_grace_seconds
        assignment = self._assignments[number] = _Assignment(Telephone(number, key, patience))
        assignment.first_text = len(self.texts.messages)
        return assignment

    def _is_kept(self, assignment: _Assignment) -> bool:
        return assignment.telephone.number in self._carrier.phones or (
            time.monotonic() < assignment.kept_until
            and assignment.telephone.number not in self._carrier.people
        )

    def _is_free(self, number: str) -> bool:
        assignment = self._assignments.get(number)
        return number not in self._carrier.people and (
            assignment is None or not self._is_kept(assignment)
        )


def _person(number: str) -> Person:
    spec = PersonSpec(
        name=f"browser-{number[-4:]}",
        number=number,
        about="A phone in a browser, with whoever sits there.",
        rings_seconds=0,
        amd=Amd(enable=_VERDICT, detect_message_end=_VERDICT),
    )
    return Person(spec, ())
