"""Letters without their accents, so that patterns need not know how somebody writes them."""

import unicodedata


def unaccented(text: str) -> str:
    """The text with plain letters and apostrophes: "Señor, ça s’ouvre groß" is "Senor, ca s'ouvre
    gross"."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").replace("ß", "ss"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
