"""The pages a customer is sent to: Checkout, portal, an invoice, a card's question to its owner.

Routes of forms a person clicks through, or a test posts; each post is one transaction, and its
outcome reaches the product by events.
"""

from html import escape
from typing import cast

from quart import Blueprint, Response, redirect, request

from sandbox.core import html
from sandbox.stripe.billing import invoices
from sandbox.stripe.billing.payment_endpoints import answer_authentication, pay_intent
from sandbox.stripe.billing.payments import new_method
from sandbox.stripe.billing.proration import period_of
from sandbox.stripe.billing.settlement import names
from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.cards import BY_TOKEN, CARDS, Card
from sandbox.stripe.core.errors import StripeError, invalid
from sandbox.stripe.core.money import format_amount
from sandbox.stripe.core.periods import day_name
from sandbox.stripe.sales import checkout, portal
from sandbox.stripe.service import StripeService

Reply = Response | str


def pages_blueprint(service: StripeService) -> Blueprint:
    """All pages."""
    blueprint = Blueprint("stripe_pages", __name__)

    @blueprint.errorhandler(StripeError)
    async def refused(error: StripeError) -> tuple[str, int]:
        return html.page("This does not work", html.text(str(error), "error")), error.status

    @blueprint.after_request
    async def changed(response: Response) -> Response:
        service.changed()
        return response

    _add_checkout(blueprint, service.account)
    _add_portal(blueprint, service.account)
    _add_payments(blueprint, service.account)
    return blueprint


def _add_checkout(blueprint: Blueprint, account: Account) -> None:
    @blueprint.get("/checkout/<session_id>")
    async def show_checkout(session_id: str) -> Reply:
        return _checkout(account, account.get(checkout.KIND, session_id))

    @blueprint.post("/checkout/<session_id>")
    async def pay_checkout(session_id: str) -> Reply:
        form = await request.form
        session, card = account.get(checkout.KIND, session_id), _card(form.get("card", ""))
        answer = form.get("owner", "")
        if answer == "no":
            return _checkout(account, session, "The owner of the card did not agree.")
        try:
            with account.transaction():
                session = checkout.pay(account, session, card, authenticated=answer == "yes")
        except checkout.NeedsAuthenticationError:
            return _ask(f"/checkout/{session_id}", html.hidden("card", card.name))
        except StripeError as error:
            if error.status != 402:
                raise
            return _checkout(account, session, str(error))
        url = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id)
        return cast(Response, redirect(url, 303))


def _checkout(account: Account, session: Object, error: str = "") -> str:
    if session["status"] != "open":
        return html.page("Checkout", html.text(f"This page is {session['status']}.", "error"))
    lines = checkout.lines_of(account, session)["data"]
    currency = session["currency"]
    items = [
        (f"{line['quantity']} × {line['description']}", _price(line["price"])) for line in lines
    ]
    due = ("Due today", format_amount(due_today(account, session), currency))
    leave = html.link(session["cancel_url"], "Leave") if session["cancel_url"] else ""
    return html.page(
        "Checkout",
        html.text(error, "error"),
        html.rows([*items, due]),
        html.form(f"/checkout/{session['id']}", "Pay and subscribe", _card_choice()),
        leave,
    )


def due_today(account: Account, session: Object) -> int:
    """What is charged if it is paid now; asks without leaving a trace."""
    with account.transaction():
        return checkout.quote(account, session)[1]


def _add_portal(blueprint: Blueprint, account: Account) -> None:
    @blueprint.get("/portal/<session_id>")
    async def show_portal(session_id: str) -> Reply:
        return _portal(account, account.get(portal.SESSION, session_id))

    @blueprint.post("/portal/<session_id>/<act>")
    async def use_portal(session_id: str, act: str) -> Reply:
        form = await request.form
        session = account.get(portal.SESSION, session_id)
        try:
            with account.transaction():
                _act(account, session, act, form.get("card", ""), form.get("price", ""))
        except StripeError as error:
            if error.status != 402:
                raise
            return _portal(account, session, str(error))
        flow = session["flow"]
        after = flow and flow["after_completion"]["redirect"]
        return cast(
            Response, redirect(after["return_url"] if after else f"/portal/{session_id}", 303)
        )


def _act(account: Account, session: Object, act: str, card: str, price: str) -> None:
    allowed = portal.features(account, session)
    if act == "card" and allowed["payment_method_update"]["enabled"]:
        portal.change_card(account, session, _card(card))
        return
    sub = portal.subscription_of(account, session)
    if sub is None:
        raise invalid("There is no subscription.")
    ends = sub["cancel_at"] is not None or sub["cancel_at_period_end"]
    if act == "cancel" and allowed["subscription_cancel"]["enabled"] and not ends:
        portal.cancel(account, session, sub)
    elif act == "keep" and ends:
        portal.keep(account, sub)
    elif act == "switch":
        portal.switch_plan(account, session, sub, account.get("price", price, "price"))
    else:
        raise invalid("This cannot be done here.")


def _portal(account: Account, session: Object, error: str = "") -> str:
    here, allowed = f"/portal/{session['id']}", portal.features(account, session)
    sub = portal.subscription_of(account, session)
    parts = [html.text(error, "error")]
    if sub is None:
        parts.append(html.text("No running subscription."))
    else:
        parts += _subscription(account, session, sub, here, allowed)
    if allowed["payment_method_update"]["enabled"]:
        parts.append(html.form(f"{here}/card", "Use this card", _card_choice()))
    due = portal.open_invoices(account, session["customer"])
    parts += [html.link(made["hosted_invoice_url"], f"Pay {made['number']}") for made in due]
    if session["return_url"]:
        parts.append(html.link(session["return_url"], "Return"))
    return html.page("Your subscription", *parts)


def _subscription(
    account: Account, session: Object, sub: Object, here: str, allowed: Object
) -> list[str]:
    known, item = names(account), sub["items"]["data"][0]
    end = sub["cancel_at"] or period_of(sub)[1]
    ends = sub["cancel_at"] is not None or sub["cancel_at_period_end"]
    when = ("Ends on" if ends else "Renews on", day_name(end))
    parts = [
        html.rows([(known[item["price"]["product"]], _price(item["price"])), when]),
        html.text(f"It is {sub['status'].replace('_', ' ')}.", "note"),
    ]
    parts += [
        html.form(
            f"{here}/switch",
            f"Switch to {known[price['product']]} ({_price(price)})",
            html.hidden("price", price["id"]),
        )
        for price in portal.choices(account, session, sub)
    ]
    if ends:
        parts.append(html.form(f"{here}/keep", "Do not cancel"))
    elif allowed["subscription_cancel"]["enabled"]:
        parts.append(html.form(f"{here}/cancel", "Cancel the subscription"))
    return parts


def _add_payments(blueprint: Blueprint, account: Account) -> None:
    @blueprint.get("/pay/<invoice_id>")
    @blueprint.get("/pay/<invoice_id>/pdf")
    async def show_invoice(invoice_id: str) -> Reply:
        return _invoice(account.get("invoice", invoice_id))

    @blueprint.post("/pay/<invoice_id>")
    async def pay_invoice(invoice_id: str) -> Reply:
        made = account.get("invoice", invoice_id)
        if made["status"] != "open":
            raise invalid("This invoice is not open.")
        card = _card((await request.form).get("card", ""))
        with account.transaction():
            after = pay_intent(
                account, invoices.intent_of(account, made), new_method(account, card)
            )
        if after["status"] == "requires_action":
            return cast(Response, redirect(f"/authenticate/{after['id']}", 303))
        failed = after["last_payment_error"]
        return _invoice(account.get("invoice", invoice_id), failed["message"] if failed else "")

    @blueprint.get("/authenticate/<intent_id>")
    async def ask(intent_id: str) -> Reply:
        intent = account.get("payment_intent", intent_id)
        if intent["status"] != "requires_action":
            return html.page("Authentication", html.text("Nothing is asked here."))
        return _ask(f"/authenticate/{intent_id}")

    @blueprint.post("/authenticate/<intent_id>")
    async def answer(intent_id: str) -> Reply:
        agreed = (await request.form).get("owner") == "yes"
        with account.transaction():
            intent = account.get("payment_intent", intent_id)
            after = answer_authentication(account, intent, agreed=agreed)
        words = "Authenticated and paid." if after["status"] == "succeeded" else "Not paid."
        return html.page("Authentication", html.text(words))


def _invoice(made: Object, error: str = "") -> str:
    currency = made["currency"]
    lines = [
        (line["description"], format_amount(line["amount"], currency))
        for line in made["lines"]["data"]
    ]
    total = ("Amount due", format_amount(made["amount_due"], currency))
    pay = html.form(f"/pay/{made['id']}", "Pay", _card_choice()) if made["status"] == "open" else ""
    return html.page(
        f"Invoice {made['number'] or ''}",
        html.text(error, "error"),
        html.text(f"It is {made['status']}."),
        html.rows([*lines, total]),
        pay,
    )


def _ask(action: str, *fields: str) -> str:
    return html.page(
        "Is this you?",
        html.text("The bank asks the owner of the card to confirm the payment."),
        html.form(action, "Yes, pay", html.hidden("owner", "yes"), *fields),
        html.form(action, "No", html.hidden("owner", "no"), *fields),
    )


def _card_choice() -> str:
    """A form's field to choose a test card."""
    choices = "".join(
        f'<label><input type="radio" name="card" value="{card.name}"'
        f"{' checked' if place == 0 else ''}> {escape(card.label)} "
        f"<small>({card.number})</small></label>"
        for place, card in enumerate(CARDS)
    )
    return f"<fieldset><legend>Card</legend>{choices}</fieldset>"


def _card(token: str) -> Card:
    if token not in BY_TOKEN:
        raise invalid("Choose a card.", "card")
    return BY_TOKEN[token]


def _price(price: Object) -> str:
    recurring = price["recurring"]
    return f"{format_amount(price['unit_amount'], price['currency'])} / {recurring['interval']}"
