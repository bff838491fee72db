"""The caller's own words turned round, "my garden" into "your garden", so they can be said back.

A small grammar of English pronouns, with no memory and no randomness. It gives up ("" comes back)
rather than say something that would sound wrong. Knows nothing of topics or replies.
"""

import re

_TURNED = {
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "i'm": "you are",
    "i've": "you have",
    "i'll": "you will",
    "i'd": "you would",
    "we": "you",
    "us": "you",
    "our": "your",
    "ours": "yours",
    "we're": "you are",
    "we've": "you have",
    "we'll": "you will",
    "your": "my",
    "yours": "mine",
    "yourself": "myself",
    "you're": "I am",
    "you've": "I have",
    "you'll": "I will",
    "you'd": "I would",
}
_VERB_AFTER_I = {"am": "are", "was": "were", "wasn't": "weren't"}
_VERB_AFTER_YOU = {"are": "am", "were": "was", "weren't": "wasn't", "aren't": "am not"}
# After these stands a subject, so that "you" becomes "I" and not "me".
_BEFORE_SUBJECT = re.compile(
    r"that|if|when|because|and|but|or|what|why|how|where|who|do|did|does|can|could|are|were|will"
    r"|would|should|think|know|hope|wish|say|said|than|while|since|as"
)
_SUBJECT = re.compile(
    r"(?:i|we)(?:'\w+)?|my|our|it|it's|the|he|she|they|his|her|their|there|there's|this|these|those"
    r"|that|that's|everyone|everybody|nobody|people|some|most|many|all"
)
_FILLER = re.compile(
    r"(?:well|yeah|yes|no|um+|uh+|er+|oh|ah|so|and|but|okay|ok|actually|honestly|basically"
    r"|you know|i mean|like|i think|i guess|i suppose)\b[,.! ]+",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"[.,;:!?…—]+(?:\s|$)|\s+(?:but|because|so|which|although|though)\s+"
    # a number goes on: "two hundred and fifty", "two and a half"
    r"|(?<!hundred)(?<!thousand)(?<!million)\s+and\s+(?!an? (?:half|quarter|third)\b)",
    re.IGNORECASE,
)
_NOT_WORDS = re.compile(r"(?<!\d)[^\w'\s$€£%-]+|[^\w'\s$€£%-]+(?!\d)")  # but 3.50, 1,500 and 3:30


def reflect(words: str) -> str:
    """`words` as the other side would say them: I becomes you, your becomes my."""
    turned: list[str] = []
    before = ""
    for word in words.replace("’", "'").split():
        low = word.lower()
        if low == "you":
            subject = not before or bool(_BEFORE_SUBJECT.fullmatch(before))
            turned.append("I" if subject else "me")
            before = "you" if subject else "me"
            continue
        if before in {"i", "we"} and low in _VERB_AFTER_I:
            turned.append(_VERB_AFTER_I[low])
        elif before == "you" and low in _VERB_AFTER_YOU:
            turned.append(_VERB_AFTER_YOU[low])
        else:
            turned.append(_TURNED.get(low, word))
        before = low
    return " ".join(turned)


def first_clause(text: str, most_words: int) -> str:
    """The first clause of `text`, without marks; "" when it is longer than `most_words`."""
    clause = _NOT_WORDS.sub("", _CLAUSE_END.split(text.strip(), maxsplit=1)[0]).strip()
    return clause if len(clause.split()) <= most_words else ""


def echo(text: str, most_words: int = 10) -> str:
    """A statement of the caller said back, as in "you grow tomatoes"; "" when that is not safe.

    Safe is a clause of three words or more that opens with a known subject.
    """
    text = text.replace("’", "'").strip()
    while filler := _FILLER.match(text):
        text = text[filler.end() :]
    clause = first_clause(text, most_words).split()
    if len(clause) < 3 or not _SUBJECT.fullmatch(clause[0].lower()):
        return ""
    first, *rest = clause
    turned = reflect(" ".join([first.lower(), *rest]))
    return turned if len(turned.split()) <= most_words else ""
