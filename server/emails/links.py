"""Links in what goes to people who did not ask for it: refused, or left out. Pure.

What a mail program makes a link of counts: addresses with a scheme, "www.", and bare names of hosts
that are followed by a path or end in a domain that people register.
"""

import re
import unicodedata
from collections.abc import Collection
from urllib.parse import urlsplit

from server.core.config import Config
from server.core.errors import AppError

# Not those that a sentence may begin with, as a space behind a full stop is often forgotten.
_DOMAINS = (
    "com|net|org|io|info|biz|co|ru|cn|app|dev|link|click|xyz|top|site|online|shop|store|live"
    r"|(?:co|com|org|net|gov|ac|edu)\.[a-z]{2}|uk|ch|fr|eu|ai|cc|nl|pl|br|jp|gg|ly|gl|sh|pw|tk"
    r"|gov|edu|mil|mobi|club|cloud|agency|email|digital|ltd|guru|ninja|lol|fyi|sbs|cfd|cyou|buzz|bond"
    r"|monster|rocks|wiki|asia|bank|loan|bid|webcam|support|finance|tr|kr|tw|hk|sg|za|mx|cl|ua|kz|cz"
    r"|sk|hu|ro|bg|rs|lt|lv|ee|fi|dk|gr|pt|ae|ng|ke|ir|pk|lk|bd|vn|ph|nz|cx"
    r"|ml|cf|gq|ws|icu|vip|website|tech|blog|zip|mov|рф|xn--[a-z0-9-]+"
)
_LINK = re.compile(
    rf"(?:[a-z][a-z0-9+.-]{{1,20}}:)//[^\s<>\"')\]]+"
    rf"|(?<![@\w.-])(?:www\.[^\s<>\"')\]]+"
    rf"|(?:[\w-]+\.)+(?:[a-z]{{2,24}}/[^\s<>\"')\]]*|(?:{_DOMAINS})\b(?!\.\w))"
    rf"|(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?::\d+)?/[^\s<>\"')\]]*)",
    re.IGNORECASE,
)


def allowed_hosts(config: Config) -> set[str]:
    """Hosts that may be linked to: our own and the configured ones."""
    own = urlsplit(config.server.public_url).hostname or ""
    return {own, *(host.lower() for host in config.email.allowed_link_hosts)}


def links(text: str, allowed: Collection[str] = ()) -> list[str]:
    """The links in a text, but those to allowed hosts."""
    plain = unicodedata.normalize("NFKC", text).replace("。", ".")
    return [link for link in _LINK.findall(plain) if _host(link) not in allowed]


def refuse_links(text: str, allowed: Collection[str]) -> None:
    """Raises AppError("links_not_allowed")."""
    if links(text, allowed):
        raise AppError("links_not_allowed")


def without_links(text: str, allowed: Collection[str]) -> str:
    """The text with nothing where a link was."""
    plain = unicodedata.normalize("NFKC", text).replace("。", ".") if links(text, allowed) else text
    return _LINK.sub(lambda found: found[0] if _host(found[0]) in allowed else "", plain)


def _host(link: str) -> str:
    link = link.replace("\\", "/")  # as browsers do, to whom what stands before it is the host
    try:
        return urlsplit(link if "://" in link else f"//{link}").hostname or ""
    except ValueError:
        return ""
