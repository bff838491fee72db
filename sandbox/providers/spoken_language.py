"""Which language words are in, as vendors tell it: by its commonest short words. Pure."""

import re
from collections import Counter

_COMMON = {
    "de": "ich du er sie wir ihr das der die und nicht ist ein eine möchte gern ja nein mit für"
    " mein auf über sprechen können bitte danke hallo guten",
    "en": "i you he she we they the and not is a an would like yes no with for my on about speak"
    " can please thank hello good in it",
    "es": "yo tú él ella nosotros el la los las y no es un una quiero quisiera sí con para mi sobre"
    " hablar puede por favor gracias hola buenos en",
    "fr": "je tu il elle nous vous le la les et ne pas est un une voudrais oui non avec pour mon"
    " sur parler pouvez merci bonjour en",
}
_LANGUAGES = {
    language: frozenset(words.split()) for language, words in _COMMON.items()
}  # fmt: skip
_WORD = re.compile(r"\w+")


def language_of(text: str) -> str:
    """As "es"; "" where no word of it tells."""
    found = Counter(
        language
        for word in _WORD.findall(text.lower())
        for language, common in _LANGUAGES.items()
        if word in common
    )
    return max(found, key=found.__getitem__, default="")
