"""Answers to our e-mails, as Inbound Parse posts them: reading the form and what was written.

The form is unsigned and a stranger's, so nothing here trusts it: it is taken apart without
trusting its character sets, and what cannot be read is left out (SendGrid, "Inbound Email Parse
Webhook"). Pure; knows no rows.
"""

import email.message
import email.parser
import email.policy
import email.utils
import html
import re
from collections.abc import Mapping

import msgspec

from server.core.validation import JSON_FAULTS, readable, storable
from server.emails.answers.charsets import decoded
from server.emails.answers.forms import MOST_READ
from server.emails.answers.senders import is_proven

_MOST_ADDRESSES = 5_000  # characters
_ADDRESS = re.compile(r"[^@\s<>\",;:()\\]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_VALUE = r"\"[^\"<]{0,400}\"|'[^'<]{0,400}'"  # which may hold what looks like the end of its tag
_TAG = re.compile(rf"<[^<>\"']{{0,400}}(?:(?:{_VALUE})[^<>\"']{{0,400}}){{1,20}}>|<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|hr)\b[^<>]*>", re.IGNORECASE)
_QUOTATION = re.compile(r"(</?blockquote\b[^<>]*>)", re.IGNORECASE)
_WRAPS = re.compile(r"\s+")
_MOST_DEPTH = 20
_RAW_CHARSETS = "charsets of the mail"  # no field of the form is called so
_UNSEEN = ("head", "style", "script")


class Answer(msgspec.Struct, frozen=True):
    """A mail somebody sent us. `text` is all of it; `is_proven` when it is from the sender."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    message_id: str
    is_automatic: bool
    is_proven: bool


def read_answer(fields: Mapping[str, bytes]) -> Answer:
    """What a form says. Raises ValueError when it has no sender."""
    fields = {**_from_mail(bytes(fields.get("email", b""))), **fields}
    charsets = _charsets(fields.get("charsets", b"")) | _charsets(fields.get(_RAW_CHARSETS, b""))
    texts = {
        name: _decoded(value, charsets.get(name, ""))
        for name, value in fields.items()
        if name != "email"
    }
    addressed = texts.get("to", "")[:_MOST_ADDRESSES]
    headers = email.parser.HeaderParser(policy=email.policy.compat32).parsestr(
        texts.get("headers", "").lstrip()
    )
    envelope = _envelope(texts.get("envelope", ""))
    in_header = _address(texts.get("from", "")[:_MOST_ADDRESSES])
    sender = in_header or _address(envelope.sender or "")
    if not sender:
        raise ValueError("no sender")
    body = texts.get("text", "").strip() or page_words(texts.get("html", ""))
    to = [*envelope.to, *(found for _, found in email.utils.getaddresses([addressed]))]
    subject = readable(texts.get("subject", ""))
    return Answer(
        sender=sender,
        recipients=tuple(dict.fromkeys(one.strip().lower() for one in to)),
        subject=" ".join(subject.split())[:500],
        text=readable(body),
        message_id=" ".join(str(headers.get("Message-ID", "")).split())[:500],
        is_automatic=_is_automatic(headers) or envelope.sender == "",
        is_proven=is_proven(
            sender, envelope.sender or "", texts.get("SPF", ""), texts.get("dkim", "")
        ),
    )


def reply_token(recipients: tuple[str, ...], domain: str) -> str | None:
    """The token in the first address at our domain that has one."""
    pattern = re.compile(rf"reply\+([a-z0-9]{{8,64}})@{re.escape(domain.lower())}")
    found = (pattern.fullmatch(address) for address in recipients)
    return next((match[1] for match in found if match), None)


def reply_address(token: str, domain: str) -> str:
    """Where answers to an e-mail go. Mail servers may fold its case, so the token has none."""
    return f"reply+{token}@{domain.lower()}"


def _from_mail(raw: bytes) -> dict[str, bytes]:
    """The fields of a form made of the whole mail, where it is posted as it came (SendGrid, "Send
    Raw")."""
    if not raw:
        return {}
    found = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(raw)
    fields = {
        "headers": "\n".join(f"{k}: {v}" for k, v in found.items()).encode("utf-8", "replace")
    }
    charsets = {}
    for part in found.walk():
        name = {"text/plain": "text", "text/html": "html"}.get(part.get_content_type())
        if name is None or name in fields or part.get_filename() is not None:
            continue
        payload = part.get_payload(decode=True)
        fields[name] = payload if isinstance(payload, bytes) else b""
        charsets[name] = part.get_content_charset("utf-8")
    return {**fields, _RAW_CHARSETS: msgspec.json.encode(charsets)}


class _Envelope(msgspec.Struct, frozen=True):
    to: list[str] = []
    sender: str | None = msgspec.field(default=None, name="from")  # "" when it is a bounce


def _envelope(text: str) -> _Envelope:
    try:
        return msgspec.json.decode(text, type=_Envelope)
    except JSON_FAULTS:
        return _Envelope()


def _address(text: str) -> str:
    address = email.utils.parseaddr(storable(text))[1].strip().lower()
    return address if len(address) <= 254 and _ADDRESS.fullmatch(address) else ""


def _charsets(value: bytes) -> dict[str, str]:
    try:
        return msgspec.json.decode(value[:MOST_READ], type=dict[str, str])
    except JSON_FAULTS:
        return {}


def _decoded(value: bytes, charset: str) -> str:
    return storable(decoded(value[:MOST_READ], charset))


def page_words(text: str) -> str:
    """A page's words; what it quotes stands behind ">", as in a mail without one."""
    text = _COMMENT.sub("", text)
    for tag in _UNSEEN:
        text = _without(text, tag)
    depth, parts = 0, []
    for piece in _QUOTATION.split(text):
        if _QUOTATION.fullmatch(piece):
            depth = max(depth - 1, 0) if piece[1] == "/" else min(depth + 1, _MOST_DEPTH)
            continue
        words = html.unescape(_TAG.sub("", _BREAK.sub("\n", _WRAPS.sub(" ", piece))))
        lines = [line.strip() for line in words.replace("\xa0", " ").split("\n")]
        parts.append("\n".join(f"{'>' * depth} {line}" if depth else line for line in lines))
    return "\n".join(parts)


def _without(text: str, tag: str) -> str:
    """The text without these elements; one that never ends takes the rest with it."""
    folded = text.lower()
    kept, at = [], 0
    while (start := folded.find(f"<{tag}", at)) >= 0:
        kept.append(text[at:start])
        end = folded.find(f"</{tag}", start)
        if end < 0:
            return "".join(kept)
        at = end
    return "".join([*kept, text[at:]])


def _is_automatic(headers: email.message.Message) -> bool:
    """Sent by a machine: RFC 3834, and what is older than it."""
    auto = str(headers.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    precedence = str(headers.get("Precedence", "")).strip().lower()
    is_bulk = precedence in {"bulk", "junk", "list", "auto_reply"}
    return auto != "no" or is_bulk or "X-Autoreply" in headers or "X-Autorespond" in headers
