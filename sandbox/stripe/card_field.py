"""The choice of a test card as a form's field, on every page that asks for one.

Pure: HTML out, everything escaped.
"""

from html import escape

from sandbox.stripe.cards import CARDS


def cards() -> str:
    """All test cards to choose from."""
    choices = "".join(
        f'<label><input type="radio" name="card" value="{card.name}"'
        f"{' checked' if place == 0 else ''}> {escape(card.label)} "
        f"<small>({card.number})</small></label>"
        for place, card in enumerate(CARDS)
    )
    return f"<fieldset><legend>Card</legend>{choices}</fieldset>"
