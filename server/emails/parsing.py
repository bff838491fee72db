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

import msgspec
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from server.core.validation import NUL

MOST_FIELDS = 500
_MOST_READ = 100_000  # bytes of one field; strangers write them, and reading must end soon
_MOST_ADDRESSES = 5_000  # characters
_ADDRESS = re.compile(r"[^@\s<>\",;:()\\]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/blockquote)\b[^<>]*>", re.IGNORECASE)
_UNSEEN = ("head", "style", "script")
_CHARSET = re.compile(
    r"utf-?8|(?:us-)?ascii|iso-8859-\d{1,2}|(?:windows-|cp)125\d|koi8-[ru]|gb2312|gbk|gb18030|big5"
    r"|euc-(?:jp|kr)|shift_jis|iso-2022-(?:jp|kr)",
    re.IGNORECASE,
)
# Where mail programs begin to quote: in English, German, French, Spanish, Italian, and Outlook's
# header block. A line of dashes alone may be a signature's.
_WROTE = re.compile(
    r"\s*(?:On\b.{4,200}\bwrote:|Am\b.{4,200}\bschrieb\b.{0,100}:|Le\b.{4,200}\ba écrit\s?:"
    r"|El\b.{4,200}\bescribió\s?:|Il\b.{4,200}\bha scritto\s?:"
    r"|-{2,9}\s?(?:Original Message|Ursprüngliche Nachricht|Message d'origine)\s?-{2,9}.*"
    r"|_{20,200}|From:\s[^@]{1,200}@.{1,200})\s*",
    re.IGNORECASE | re.DOTALL,
)
_MOST_LINE = 400
_MOST_HEADER_LINES = 3  # over which a mail program breaks "On ... wrote:"


class Answer(msgspec.Struct, frozen=True):
    """A mail somebody sent us. `text` is what they wrote, without what they answer."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    message_id: str
    is_automatic: bool


def form_fields(content_type: str, body: bytes) -> dict[str, bytes]:
    """The fields of a multipart form, without its files. Raises ValueError for what is none."""
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise ValueError("not a multipart form")
    decoder = MultipartDecoder(boundary.encode("latin-1"), max_parts=MOST_FIELDS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    fields: dict[str, bytearray] = {}
    current: bytearray | None = None
    while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
        if isinstance(event, Field):
            current = bytearray()
            fields.setdefault(event.name, current)
        elif isinstance(event, File):
            current = None
        elif isinstance(event, Data) and current is not None:
            current += event.data
    return {name: bytes(value) for name, value in fields.items()}


def read_answer(fields: dict[str, bytes], most_characters: int) -> Answer:
    """What a form says. Raises ValueError when it has no sender."""
    charsets = _charsets(fields.get("charsets", b""))
    texts = {name: _decoded(value, charsets.get(name, "")) for name, value in fields.items()}
    addressed = texts.get("to", "")[:_MOST_ADDRESSES]
    headers = email.parser.HeaderParser(policy=email.policy.compat32).parsestr(
        texts.get("headers", "").lstrip()
    )
    envelope = _envelope(texts.get("envelope", ""))
    in_header = _address(texts.get("from", "")[:_MOST_ADDRESSES])
    sender = in_header or _address(envelope.sender or "")
    if not sender:
        raise ValueError("no sender")
    body = texts.get("text", "").strip() or _from_html(texts.get("html", ""))
    to = [*envelope.to, *(found for _, found in email.utils.getaddresses([addressed]))]
    subject = "".join(c if c.isprintable() else " " for c in texts.get("subject", ""))
    return Answer(
        sender=sender,
        recipients=tuple(dict.fromkeys(one.strip().lower() for one in to)),
        subject=" ".join(subject.split())[:500],
        text=new_words(_readable(body))[:most_characters],
        message_id=" ".join(str(headers.get("Message-ID", "")).split())[:500],
        is_automatic=_is_automatic(headers) or envelope.sender == "",
    )


def reply_token(recipients: tuple[str, ...], domain: str) -> str | None:
    """The token in the first address at our domain that has one."""
    pattern = re.compile(rf"reply\+([a-z0-9]{{8,64}})@{re.escape(domain.lower())}")
    found = (pattern.fullmatch(address) for address in recipients)
    return next((match[1] for match in found if match), None)


def reply_address(token: str, domain: str) -> str:
    """Where answers to an e-mail go. Mail servers may fold its case, so the token has none."""
    return f"reply+{token}@{domain.lower()}"


def new_words(text: str) -> str:
    """What somebody wrote above, or between, what they quote; "" if that is nothing."""
    lines = [line.rstrip() for line in text.splitlines()]
    for number in range(len(lines)):
        if _begins_quote(lines[number : number + _MOST_HEADER_LINES]):
            lines = lines[:number]
            break
    for number, line in enumerate(lines):
        if line == "--":  # as rstrip leaves the "-- " that begins a signature
            lines = lines[:number]
            break
    kept = [line for line in lines if not line.lstrip().startswith(">")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _begins_quote(lines: list[str]) -> bool:
    heads = (" ".join(lines[:count]) for count in range(1, len(lines) + 1))
    return any(len(head) <= _MOST_LINE and _WROTE.fullmatch(head) for head in heads)


class _Envelope(msgspec.Struct, frozen=True):
    to: list[str] = []
    sender: str | None = msgspec.field(default=None, name="from")  # "" when it is a bounce


def _envelope(text: str) -> _Envelope:
    try:
        return msgspec.json.decode(text, type=_Envelope)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _Envelope()


def _address(text: str) -> str:
    address = email.utils.parseaddr(text.replace(NUL, ""))[1].strip().lower()
    return address if len(address) <= 254 and _ADDRESS.fullmatch(address) else ""


def _charsets(value: bytes) -> dict[str, str]:
    try:
        return msgspec.json.decode(value[:_MOST_READ], type=dict[str, str])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}


def _decoded(value: bytes, charset: str) -> str:
    known = charset if _CHARSET.fullmatch(charset) else "utf-8"
    try:
        text = value[:_MOST_READ].decode(known, "replace")
    except LookupError:
        text = value[:_MOST_READ].decode("utf-8", "replace")
    return text.replace(NUL, "")


def _readable(text: str) -> str:
    kept = "\n".join(text.replace("\t", " ").splitlines())
    return "".join(c for c in kept if c == "\n" or c.isprintable())


def _from_html(text: str) -> str:
    for tag in _UNSEEN:
        text = _without(text, tag)
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", text)))


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
