"""Words by which somebody refuses or allows texts: the carrier's own keywords, and plain language.

The keywords are Twilio's ("Opt-out keywords"): the whole message is one of them, in any case; the
carrier acts on them itself and answers. Plain language is ours to honour: refusing may be said in
any reasonable way, and what is unclear counts as a refusal.
"""

import re
import unicodedata
from typing import Literal, TypeAlias

Keyword: TypeAlias = Literal["stop", "start", "help"]

_KEYWORDS: dict[str, Keyword] = {
    **dict.fromkeys(
        ("stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"), "stop"
    ),
    **dict.fromkeys(("start", "yes", "unstop"), "start"),
    **dict.fromkeys(("help", "info"), "help"),
}  # fmt: skip
# Letters of other alphabets that look like ours, as somebody's keyboard may have them.
_LOOK_ALIKES = str.maketrans("аеорсухѕіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧѕТОРЅАЕС", "aeopcyxsijABEZHIKMNOPTYXsTOPSAEC")
_CONTACT = r"(?:text|message|messag|call|phon|phone|contact|writ|write|e-?mail|mail|bother|sms)"
_REFUSAL = re.compile(
    # "stop texting me", "please stop it"; not "I can't stop texting her" or "to stop this habit"
    rf"(?<!can't )(?<!cannot )(?<!to )(?<!never )(?<!don't )\b(?:stop|quit|cease)\b(?: \w+){{0,3}} "
    rf"{_CONTACT}(?:s|es|ing)?\b(?!(?: \w+)? (?:him|her|them|my)\b)"
    r"|\bopt(?:ing|ed)? ?-?out\b|\bun ?subscribe\b|\bleave me alone\b"
    rf"|\bno more {_CONTACT}s\b"
    rf"|\b(?:don't|do not|never|not to) (?:ever )?{_CONTACT} "
    r"(?:me|us|here|again|anymore|this|back)\b"
    r"|\b(?:take|remove) (?:me|my (?:name|number|address|e-?mail)) (?:off|from)\b|\bremove me\b"
    r"|\b(?:delete|lose|forget) my number\b|\bwrong number\b"
    r"|\bi (?:revoke|withdraw) (?:my )?consent\b",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"^\W*(?:please )?(?:just )?stop(?: it| this| that| all| now| please| everything)*\W*$"
    r"|\bplease stop\b(?! (?:by|at|over|in|for|there)\b)|\bstop please\b|\bgo away\b",
    re.IGNORECASE,
)
_NOT_LETTERS = re.compile(r"[^a-z]+")


def keyword(text: str) -> Keyword | None:
    """What the carrier takes this text for: exactly one of its keywords, or nothing."""
    return _KEYWORDS.get(text.strip().lower())


def asks_to_stop(text: str) -> bool:
    """Whether these words mean that nothing more is to be sent: a keyword however it is dressed up
    (marks, emoji, spaces, look-alike letters), or the same said in plain language."""
    folded = unicodedata.normalize("NFKD", text.translate(_LOOK_ALIKES)).replace("’", "'")
    letters = _NOT_LETTERS.sub("", folded.lower())
    words = folded.lower().split()
    if _KEYWORDS.get(letters) == "stop" and len(words) <= 4:
        return True
    plain = " ".join(folded.split())
    return bool(_REFUSAL.search(plain) or _STOP.search(plain))


def refuses_contact(spoken: str) -> bool:
    """Whether somebody said on the phone that they want no more calls or texts. A mere "stop" does
    not mean that there: it may only stop who is speaking."""
    return bool(_REFUSAL.search(" ".join(spoken.replace("’", "'").split())))
