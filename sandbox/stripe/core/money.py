"""Money as whole numbers of a currency's smallest unit, and shares of it.

Pure. Knows no prices, no invoices and no time of day.
"""

# Stripe, "Currencies": amounts of these have no smaller unit, or a thousandth.
_WHOLE = frozenset(
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ]
)
_THOUSANDTHS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
_SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}
# Stripe, "Minimum and maximum charge amounts"; less than this is put on the customer's balance.
_LEAST_CHARGE = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50}


def prorate(amount: int, part_seconds: int, whole_seconds: int) -> int:
    """The share of an amount for a part of a time, to the nearest unit, halves away from zero.

    Raises ValueError unless 0 <= part <= whole and whole > 0.
    """
    if whole_seconds <= 0 or not 0 <= part_seconds <= whole_seconds:
        raise ValueError(f"{part_seconds} s is no part of {whole_seconds} s")
    share = (2 * abs(amount) * part_seconds + whole_seconds) // (2 * whole_seconds)
    return share if amount >= 0 else -share


def least_charge(currency: str) -> int:
    """The smallest amount a card can be charged."""
    return _LEAST_CHARGE.get(currency, 50)


def format_amount(amount: int, currency: str) -> str:
    """`$49.00`, as invoices write it."""
    digits = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    units, rest = divmod(abs(amount), 10**digits)
    number = f"{units:,}.{rest:0{digits}}" if digits else f"{units:,}"
    sign = _SIGNS.get(currency)
    return ("-" if amount < 0 else "") + (
        f"{sign}{number}" if sign else f"{number} {currency.upper()}"
    )
