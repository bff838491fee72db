"""Web addresses in the one form in which two of the same are equal. Pure."""

from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def normal_url(url: str) -> str:
    """Scheme and host in lower case, no port that goes without saying, no "/" at the end. Raises
    ValueError for what is no web address."""
    parts = urlsplit(url.strip())
    scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    if scheme not in _PORTS or not host or parts.username is not None:
        raise ValueError("is no web address")
    name = f"[{host}]" if ":" in host else host.encode("idna").decode()
    where = name if port in {None, _PORTS[scheme]} else f"{name}:{port}"
    return f"{scheme}://{where}{parts.path.rstrip('/')}"


def normal_origin(text: str) -> str:
    """An origin (RFC 6454, section 6.2) likewise; "" for what is none."""
    try:
        parts = urlsplit(text)
        return "" if parts.path.strip("/") or parts.query else normal_url(text)
    except (ValueError, UnicodeError):
        return ""
