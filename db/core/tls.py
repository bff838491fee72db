"""Whether a connection to PostgreSQL is encrypted, as part of its address. Opens none.

It is said in the URL, by `sslmode` and `sslrootcert`, which asyncpg and PostgreSQL's own programs
read alike.
"""

from ipaddress import ip_address
from typing import Literal, TypeAlias
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

Tls: TypeAlias = Literal["auto", "off", "require", "verify-full"]


def with_tls(url: str, tls: Tls, ca_file: str = "") -> str:
    """The URL, saying how it is to be encrypted.

    "auto" leaves to the URL what it says itself, asks nothing of a socket or of this machine, and
    of any other that it proves its name by the CA in `ca_file`, or without one that it encrypts.
    """
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.query))
    mode = {"off": "disable"}.get(tls, tls)
    if tls == "auto":
        mode = said.get("sslmode", "")
        if not mode and not _is_here(parts, said):
            mode = "verify-full" if ca_file else "require"
    if mode:
        said["sslmode"] = mode
        if ca_file and mode != "disable":
            said["sslrootcert"] = ca_file
    query = urlencode(said, quote_via=quote, safe="")
    return f"{url.partition('?')[0]}{'?' if query else ''}{query}"


def _is_here(parts: SplitResult, said: dict[str, str]) -> bool:
    """Whether every host is a folder of sockets or this machine."""
    places = parts.netloc.rpartition("@")[2].split(",") + said.get("host", "").split(",")
    return all(_is_local(_host(unquote(place))) for place in places)


def _host(place: str) -> str:
    """Of HOST, HOST:PORT, [ADDRESS]:PORT, ADDRESS or a folder."""
    if place.startswith("["):
        return place[1:].partition("]")[0]
    return place if place.count(":") != 1 else place.partition(":")[0]


def _is_local(host: str) -> bool:
    if host in {"", "localhost"} or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
