"""Letters without their accents, so that patterns need not know how somebody writes them."""

import unicodedata

# Also accents that stand alone, as some keyboards have them: to decompose them leaves a space.
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘‛ʼʹ′´`＇", "'"))


def unaccented(text: str) -> str:
    """The text with plain letters and apostrophes: "Señor, ça s’ouvre groß" is "Senor, ca s'ouvre
    gross"."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).replace("ß", "ss"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
