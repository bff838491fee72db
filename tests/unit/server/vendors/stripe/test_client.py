"""What is no answer of Stripe's says nothing of what was done: it is asked again, never refused."""

from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from server.core.settings.loading import Secret
from server.core.settings.vendors import Stripe
from server.vendors.stripe.client import StripeBilling, StripeRefusedError
from server.vendors.stripe.shapes import StripeAwayError
from tests.support.web_server import serving

ASKS: list[Callable[[StripeBilling], Awaitable[object]]] = [
    lambda stripe: stripe.create_customer("user", "a@example.com", "key"),
    lambda stripe: stripe.subscriptions("cus_1", {}),
    lambda stripe: stripe.quote_new("cus_1", "price", "monthly", 1, 1),
    lambda stripe: stripe.checkout("cus_1", "user", "price", "monthly", "http://x", "key"),
    lambda stripe: stripe.portal("cus_1", "http://x"),
]


async def failures(status: int, body: bytes) -> set[type[Exception]]:
    """What asking each thing raises, where this is the answer to all."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, body=body, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    found: set[type[Exception]] = set()
    async with serving(app) as origin:
        settings = Stripe(secret_key=Secret("sk_test_x"), base_url=origin, max_retries=0)
        stripe = StripeBilling(settings)
        for ask in ASKS:
            with pytest.raises((StripeAwayError, StripeRefusedError)) as raised:
                await ask(stripe)
            found.add(raised.type)
        await stripe.close()
    return found


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""), (200, b"<html>"), (200, b'{"id": "cus_1", '), (200, b"null"), (200, b"[]"),
        (200, b"{}"), (200, b'{"id": null}'), (200, b'{"data": null, "has_more": false}'),
        (200, b'{"data": [{"id": "sub_1"}], "has_more": false}'), (200, b"\xff"), (204, b""),
        (200, b"[" * 5000), (302, b""), (408, b""), (429, b"{}"), (503, b"<html>"),
        (400, b'{"error": null}'),
    ],
)  # fmt: skip
async def test_what_is_no_answer_is_no_refusal(status: int, body: bytes) -> None:
    assert await failures(status, body) == {StripeAwayError}


async def test_a_refusal_is_one() -> None:
    assert await failures(402, b'{"error": {"code": "card_declined"}}') == {StripeRefusedError}
