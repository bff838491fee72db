"""Whether a mail is from whom it says, by what the mail company found out about its way. Pure.

SPF speaks for the domain of the envelope, DKIM for the one that signed; either proves the From only
when it is the same domain, or one the other is part of (RFC 7489, 3.1 "Identifier Alignment").
"""

import re

_SIGNED = re.compile(r"@([a-z0-9.-]+)\s*:\s*pass\b")


def is_proven(sender: str, envelope_sender: str, spf: str, dkim: str) -> bool:
    """Whether the address in From is really the sender's. All in lower case; `dkim` as the mail
    company writes it: "{@example.com : pass}"."""
    domain = sender.rpartition("@")[2]
    proven = {found[1] for found in _SIGNED.finditer(dkim.lower())}
    if spf.strip().lower() == "pass":
        proven.add(envelope_sender.rpartition("@")[2].strip("> ").lower())
    return bool(domain) and any(_aligned(domain, one) for one in proven if "." in one)


def _aligned(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
