"""Which browser has which number, and for how long.

Connects telephones to the carrier while their page is there: then the number is a person who can
be called and texted, else nobody's. A page that comes back within a minute gets its number again;
a call waits a few seconds for its page. Knows no websockets.
"""

import asyncio
import time
from collections.abc import Callable

from sandbox.people.person import Amd, Person, PersonSpec, Verdict
from sandbox.phone.messages import GONE_ELSEWHERE, SANDBOX_STOPS
from sandbox.phone.telephone import Send, Telephone
from sandbox.twilio.messages.lifecycle import text_in
from sandbox.twilio.messages.message import Message
from sandbox.twilio.messages.params import MessageRequest
from sandbox.twilio.messages.store import Texts

BLOCK = tuple(f"+120255501{number}" for number in range(20, 40))
Close = Callable[[int, str], None]
KEPT_SECONDS = 60.0
_VERDICT = Verdict(answered_by="human", after_ms=2000, counted_from="words")
_MOST_SHOWN = 50


class NoNumberError(Exception):
    """There is no such number to be had; the message says why and may be shown."""


class _Seat:
    """A number in use, or kept for its key until `kept_until`."""

    def __init__(self, telephone: Telephone) -> None:
        self.telephone = telephone
        self.close: Close | None = None
        self.kept_until = 0.0
        self.leaving: asyncio.TimerHandle | None = None
        self.first_text = 0


class Exchange:
    """All telephones in browsers. Use inside a running loop."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self._carrier = texts.carrier
        self._seats: dict[str, _Seat] = {}

    def join(self, key: str, wanted: str, send: Send, close: Close) -> Telephone:
        """A page is there: its telephone, with the number it had or another. `close` is called
        with a code and a reason when the page has to go. Raises NoNumberError."""
        seat = self._seat(key, wanted)
        if seat.leaving is not None:
            seat.leaving.cancel()
            seat.leaving = None
        if seat.close is not None:
            seat.telephone.page_left()
            seat.close(GONE_ELSEWHERE, "opened in another page")
        seat.close, seat.telephone.send = close, send
        number = seat.telephone.number
        self._carrier.phones[number] = seat.telephone
        self._carrier.people[number] = _person(number)
        return seat.telephone

    def leave(self, telephone: Telephone, send: Send) -> None:
        """The page that listened by `send` is gone; a call waits for it to come back."""
        seat = self._seats[telephone.number]
        if telephone.send != send:
            return  # another page has taken over
        telephone.page_left()
        seat.close = None
        if telephone.busy:
            grace = self._carrier.settings.phone_grace_seconds
            seat.leaving = asyncio.get_running_loop().call_later(grace, self._gone, seat)
        else:
            self._gone(seat)

    def close(self) -> None:
        """Send every page away; they try to come back by themselves."""
        for seat in self._seats.values():
            if seat.close is not None:
                seat.close(SANDBOX_STOPS, "the sandbox stops")

    def history(self, telephone: Telephone) -> list[Message]:
        """The latest texts to and from it since its page first came."""
        since = self._seats[telephone.number].first_text
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
        """Somebody typed a text on it."""
        to = self.texts_to(telephone)
        text_in(self.texts, MessageRequest(to=to, from_=telephone.number, body=body))

    def _gone(self, seat: _Seat) -> None:
        number, seat.leaving = seat.telephone.number, None
        seat.telephone.hang_up()
        seat.kept_until = time.monotonic() + KEPT_SECONDS
        self._carrier.phones.pop(number, None)
        self._carrier.people.pop(number, None)

    def _seat(self, key: str, wanted: str) -> _Seat:
        mine = next((seat for seat in self._seats.values() if seat.telephone.key == key), None)
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
            self._seats.pop(mine.telephone.number, None)
        patience = self._carrier.settings.phone_grace_seconds
        seat = self._seats[number] = _Seat(Telephone(number, key, patience))
        seat.first_text = len(self.texts.messages)
        return seat

    def _is_kept(self, seat: _Seat) -> bool:
        return seat.telephone.number in self._carrier.phones or (
            time.monotonic() < seat.kept_until and seat.telephone.number not in self._carrier.people
        )

    def _is_free(self, number: str) -> bool:
        seat = self._seats.get(number)
        return number not in self._carrier.people and (seat is None or not self._is_kept(seat))


def _person(number: str) -> Person:
    spec = PersonSpec(
        name=f"browser-{number[-4:]}",
        number=number,
        about="A phone in a browser, with whoever sits there.",
        rings_seconds=0,
        amd=Amd(enable=_VERDICT, detect_message_end=_VERDICT),
    )
    return Person(spec, ())
