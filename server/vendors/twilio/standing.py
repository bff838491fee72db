"""What the phone company says of our account and of a number, to be looked at; changes nothing."""

import msgspec

from server.core.settings.vendors import Twilio
from server.vendors.twilio.calls import account, asked


class NumberSeen(msgspec.Struct, frozen=True):
    """A number of the account's. `is_ours` is false for one that was only verified as a caller id:
    it can be called from, and no more."""

    number: str
    is_ours: bool
    can_call: bool
    can_text: bool
    sms_url: str = ""
    voice_url: str = ""
    status_url: str = ""


class AccountSeen(msgspec.Struct, frozen=True):
    """The account, and those of the asked numbers that it has."""

    status: str
    is_trial: bool
    numbers: dict[str, NumberSeen]


async def look(settings: Twilio, numbers: set[str]) -> AccountSeen:
    """Ask for the account and these numbers. Raises RefusedError or UnknownOutcomeError."""
    http, client = account(settings)
    try:
        ours = await asked(client.api.v2010.accounts(settings.account_sid).fetch_async())
        seen = {}
        for number in sorted(numbers):
            for one in await asked(
                client.incoming_phone_numbers.list_async(phone_number=number, limit=20)
            ):
                if one.phone_number == number:
                    can = one.capabilities or {}
                    seen[number] = NumberSeen(
                        number,
                        is_ours=True,
                        can_call=bool(can.get("voice")),
                        can_text=bool(can.get("sms")),
                        sms_url=one.sms_url or "",
                        voice_url=one.voice_url or "",
                        status_url=one.status_callback or "",
                    )
            if number not in seen and await asked(
                client.outgoing_caller_ids.list_async(phone_number=number, limit=1)
            ):
                seen[number] = NumberSeen(number, is_ours=False, can_call=True, can_text=False)
    finally:
        await http.close()
    return AccountSeen(str(ours.status), str(ours.type) == "Trial", seen)
