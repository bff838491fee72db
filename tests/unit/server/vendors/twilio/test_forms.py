"""The carrier's forms: who signed them is looked at, but not of any number of fields."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from quart import Quart

from server.core.config import load
from server.core.errors import AppError
from server.core.settings.loading import Secret
from server.vendors.signatures import as_twilio_signs
from server.vendors.twilio.forms import MOST_FIELDS, verified

TOKEN = "a" * 32
DEPS: Any = SimpleNamespace(config=load(None, {"TALKING_TWILIO__AUTH_TOKEN": TOKEN}))
PATH = "/webhooks/twilio/status/1"


@pytest.mark.parametrize(("fields", "is_taken"), [(MOST_FIELDS, True), (MOST_FIELDS + 1, False)])
async def test_a_form_with_too_many_fields_is_not_even_checked(fields: int, is_taken: bool) -> None:
    form = {f"Field{n}": "é & =" for n in range(fields)}
    url = f"{DEPS.config.server.public_url.rstrip('/')}{PATH}"
    headers = {
        "X-Twilio-Signature": as_twilio_signs(Secret(TOKEN), url, form),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    body = urlencode(form).encode()
    async with Quart("test").test_request_context(PATH, method="POST", data=body, headers=headers):
        if is_taken:
            assert await verified(DEPS) == form
        else:
            with pytest.raises(AppError, match="bad_signature"):
                await verified(DEPS)
