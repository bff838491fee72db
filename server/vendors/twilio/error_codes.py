"""The carrier's error numbers in words, for people. Pure; nothing is decided by these words."""

_WORDS = {
    21211: "The number cannot be texted: it is not a valid number.",
    21408: "Our account may not text this country.",
    21610: "This number asked not to be texted.",
    21611: "Too many texts are waiting at the carrier.",
    21612: "The carrier has no way from our number to this one.",
    21614: "The number is not a mobile number.",
    21617: "The text is too long.",
    21635: "The number is a landline.",
    30001: "Too many texts were waiting at the carrier.",
    30002: "Our account at the carrier is suspended.",
    30003: "The phone is switched off or out of reach.",
    30004: "The text was blocked, often by the person texted.",
    30005: "There is no such phone, or it is no longer in use.",
    30006: "The number is a landline, or its network cannot be reached.",
    30007: "The network took the text for spam.",
    30008: "The text was not delivered; the network does not say why.",
    30022: "The network's limit for our number was reached.",
    30023: "The network's daily limit for our number was reached.",
    30032: "Our toll-free number is not verified yet.",
    30034: "Our number is not registered for texts in this country.",
    30036: "The text could not be delivered in time.",
    30450: "The carrier stopped the text as a protection from fraud.",
    30453: "The carrier stopped the text as a protection from fraud.",
    30500: "The carrier had an internal error.",
    63038: "Our account's daily limit of texts was reached.",
}
OPTED_OUT = 21610


def explain(code: int | None) -> str | None:
    """What an error number means; None where there is none."""
    if code is None:
        return None
    return _WORDS.get(code, f"The carrier refused or lost the text (error {code}).")
