"""Calls that people make to the account. The sandbox's own shape, which imitates nobody."""

from typing import Annotated

import msgspec
from msgspec import Meta

from sandbox.twilio.call import Call
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.voice.lifecycle import receive_call


class _Dialled(msgspec.Struct, forbid_unknown_fields=True, rename={"from_": "from"}):
    from_: Annotated[str, Meta(pattern=r"^(\+[1-9][0-9]{1,14}|[A-Za-z]{1,20})$")]
    to: str
    stir_verstat: Annotated[str, Meta(max_length=40)] = "TN-Validation-Passed-A"


def call_from_outside(carrier: Carrier, data: bytes | str) -> Call:
    """Let anybody call the account: `{from, to, stir_verstat}`; `from` may be a word such as
    "anonymous", `stir_verstat` is what the caller's network says of it. A person of that number
    says what is written of them. Raises msgspec.ValidationError."""
    dialled = msgspec.json.decode(data, type=_Dialled)
    if dialled.to not in carrier.settings.numbers:
        raise msgspec.ValidationError(f"{dialled.to} is none of the account's numbers")
    if not carrier.settings.voice_webhook_url:
        raise msgspec.ValidationError("the account's numbers have no voice_webhook_url")
    return receive_call(carrier, dialled.from_, dialled.to, dialled.stir_verstat)
