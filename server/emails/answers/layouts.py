"""How mail programs introduce what they quote, and what phones write under a mail: patterns.

An introduction is "On ..., X wrote:" in some language, over up to five lines; a line with dashes on
both sides; or a block of header lines. Knows nothing of what we wrote.
"""

import re

_MOST_BROKEN = 3  # lines of a bare "Bob wrote:"
MOST_LINES = 5  # over which a mail program breaks "On ... wrote:"
_MOST_CHARACTERS = 400
_TAIL = 100  # characters, in which an introduction that ends there has its verb
_VERBS = (
    r"wrote|writes|schrieb|a écrit|écrit|escribi[oó]|escreveu|ha scritto|scritto|scrisse|schreef"
    r"|skrev|napisał\(?a?\)?|napisał|kirjoitti|написала?|написав|пише|пишет|napsala?|napísal|írta|yazdı"
    r"|yazmış|a scris|写道|寫道|のメッセージ|님이 작성|έγραψε|geschreven|geschrieben|rašė|kirjutas|va escriure"
    r"|escribiu|ha escrit|napisao|je napisal|написа|כתב|كتب|đã viết|menulis|pisze|skrifaði|rakstīja|napisali"
)
# Behind it stand only names, addresses and dates, unless a colon or dashes end the line.
_NAMES = r"(?-i:,?\s+(?:[A-ZÀ-Ý]\S*|<\S*|\([^()]*\)|[^\sA-ZÀ-Ý<(]*[@\d]\S*)){0,20}"
_WROTE = re.compile(
    rf"(?:{_VERBS})\b(?:.{{0,60}}(?:[:：]\s*-*|-+)|{_NAMES})\s*$|(?:{_VERBS})\s*[:：]",
    re.IGNORECASE,
)
_VERB_AND_COLON = re.compile(rf"(?:{_VERBS})\s?[:：]", re.IGNORECASE)
_INTRODUCES = re.compile(r"(?:On|Am|Le|El|Il|Em|Op|Den|Dne|W dniu)\b", re.IGNORECASE)
_DAY_ALONE = re.compile(
    rf"{_INTRODUCES.pattern} [^\W\d]{{2,10}}\.?(?:,| \d{{1,2}}\.?)$", re.IGNORECASE
)
_DAY = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}\b|\d{1,2}\s?[年月日]")
_DATE = re.compile(rf"{_DAY.pattern}|\b\d{{1,2}}[:.]\d\d\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ENDS = re.compile(r"[:：>]\s*$|-{2,}$")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)]*$")
_DASHED = re.compile(r"^\W{0,3}[-‐_=—–*]{2,}\s?([^-‐_=].{2,160}?)\s?[-‐_=—–*]{2,}\W{0,3}$")
_ORIGINAL = re.compile(
    r"original|ursprüngliche|weitergeleitet|origine|originale|oorspronkelijk|ursprungligt|oprindelig"
    r"|opprinnelig|alkuperäinen|oryginalna|исходное|пересылаемое|forward|transféré|reenviado|inoltrato"
    r"|doorgestuurd|původní|pôvodná|eredeti|iletilen|orijinal|оригінальне|пересланное|αρχικό|原|원본"
    r"|转发|轉寄|転送|message|nachricht|mensaje|mensagem|messaggio|bericht|mail",
    re.IGNORECASE,
)
_BEGIN_FORWARDED = re.compile(
    r"^(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message réexpédié"
    r"|inicio del mensaje reenviado|inizio messaggio inoltrato)\s?:\s*$",
    re.IGNORECASE,
)
_ABOVE_THIS = re.compile(
    r"^\W{0,6}(?:please |bitte )?(?:(?:type|write|enter) )?(?:your )?(?:reply|respond) above this line",
    re.IGNORECASE,
)
_QUOTING = re.compile(
    r"^(?:quoting|zitat von|citando|citerar|citation de) .{1,100}[:：]$", re.IGNORECASE
)
# Any form of "to write", and of "to say": it counts only above what is known to be a quote.
_WRITING = (
    rf"{_VERBS}|written|said|says|schr(?:ie|ei)bs?t|schrieben|schrieb\w{{0,2}}|sagte|avez dit|a dit|écri\w+"
    r"|escrib(?:e|ía|iste|ieron)|escrito|dijo|escreve\w*|scriv\w+|scris\w+|dice|schreven?|schrijft|skriver|sa"
    r"|pisał\w?|napisał\w*|kirjoit\w+|писал\w?|напис\w+|píše|napsal\w?|ír(?:ta|ja)|yaz(?:dı|mış|ıyor)\w*"
)
_WRITTEN = "書きました|さんの発言|写到|说|說|님의 말"  # with no space before it
_WHO_WROTE = re.compile(
    rf"^(?:.{{1,120}}(?:\s(?:{_WRITING})(?:\s[^\d:.!?]{{1,24}})?|{_WRITTEN}|写道|寫道|のメッセージ|님이 작성)"
    rf"|(?:{_WRITING})\s[^\d:.!?]{{1,60}})\s?[:：]$",
    re.IGNORECASE,
)
_RELATIVE = re.compile(  # "what Bob wrote", said by whoever answers
    rf"\b(?:what|that|which|was|dass?|que|che|wat|dat)\s(?:\S+\s){{0,2}}(?:{_WRITING})",
    re.IGNORECASE,
)
_SENTENCE_BEFORE = re.compile(r"^(.*\s[^\W\d_]{3,}[.!?…]+)\s+(.{3,})$")
_BEHIND = re.compile(r"\b(?:On|Am|Le|El|Il) (?:[^\W\d]{2,10}[.,]{0,2} ){0,2}\d")
_RULE = re.compile(r"^[_=\-—–*]{10,}$")
_LETTER = r"(?:[^\W\d_]|[\u0900-\u0dff\u0e00-\u0e7f])"  # vowels of these scripts are marks
_LABEL = re.compile(
    rf"^[\s*_|]{{0,4}}({_LETTER}(?:{_LETTER}|[' .\-]){{0,24}}?(?:[ -]{_LETTER}{{1,12}})?)\s?\*?\s?[:：]\*?\s*(.*)$"
)
_FROM = re.compile(
    r"^(?:from|von|de|da|van|från|fra|från|od|от|от кого|lähettäjä|kimden|gönderen|feladó|saatja|expéditeur"
    r"|remitente|remetente|mittente|afzender|avsändare|afsender|nadawca|отправитель|від|发件人|寄件者|差出人"
    r"|보낸 사람|từ|από|de la|odesílatel|מאת|من|šalje|pošiljatelj|nuo|no|frá|จาก|प्रेषक|dari|odosielateľ"
    r"|подател|ვისგან|sender|enviado por|versendet von)$",
    re.IGNORECASE,
)
_SIGNATURE_LINE = re.compile(
    r"^[\s*_\[]*(?:(?:sent|written|posted|envoyé|enviado|gesendet|geschickt|inviato|verzonden|skicka(?:t|des)|sendt"
    r"|wysłan[eo]|отправлено|відправлено|надіслано|lähetetty|odesláno|odoslané|gönderildi|verstuurd|στάλθηκε|trimis"
    r"|poslano)\b(?! (?:it|this|that|them|you|him|her|me|us|es|das|lo|la|le|te|ça)\b).{0,12}?\b(?:from|via|with|using|by|de|depuis|à partir|desde|con"
    r"|do|von|mit|vom|da|dal|van|vanaf|met|från|fra|z|zo|со?|с|из|з|από|s|iz)\b.{2,80}"
    r"|lähetetty \w{1,20}sta|(?:von meine[mr]|diese nachricht wurde) .{2,90} gesendet"
    r"|.{2,40} (?:gönderildi|küldve)"
    r"|.{2,40}에서 보냄|נשלח מ.{2,40}|virus-free\b.{0,60}|(?:get|obtenir|télécharge[rz]|obtener|scarica|baixe|holen sie sich"
    r"|download|hämta|hent) outlook.{0,60}|(?:outlook|yahoo mail|mail) (?:for|pour|para|für|per) (?:windows|ios|android|iphone|ipad|mac)\b.{0,40}"
    r"|.{2,40}(?:から送信|で送信)|发自我的.{2,40}|從我的.{2,40}傳送|أ?ُ?رسلت من .{2,40}"
    r"|please excuse .{3,40} sent from .{2,60})[\s*_.]*$",
    re.IGNORECASE,
)

_DEVICE = re.compile(  # a name, or what it is
    r"\w*[A-ZА-Я]\w+|phone|mobile|tablet|handy|telefon|téléphone|móvil|celular|cellulare|irus-free",
)


def introduction_at(lines: list[str], last: int, names: tuple[str, ...]) -> int | None:
    """Where the introduction begins whose last line this is; None if it is none.

    `names` are ours, by which a line is known in any language.
    """
    if len(lines[last]) > _MOST_CHARACTERS:
        return None
    if _QUOTING.match(lines[last]) and "@" in lines[last]:
        return last
    says_on = _SENTENCE_END.search(lines[last].rstrip())
    if not _ENDS.search(lines[last]) and (says_on or not _wrote(lines[last])):
        return None
    found: int | None = None
    for first in range(last, max(last - MOST_LINES, -1), -1):
        line = lines[first]
        if not line.strip() or (first < last and _SENTENCE_END.search(line.strip())):
            break
        joined = " ".join(part.strip() for part in lines[first : last + 1])
        if len(joined) > _MOST_CHARACTERS:
            break
        who = "@" in joined or any(name in joined.lower() for name in names)
        wrote = _wrote(joined)
        date = bool(_DATE.search(joined))
        if (who or wrote) and date and (wrote or _ENDS.search(joined)):
            return first - _is_dated_above(lines, first, joined)
        if who and wrote and found is None:
            found = first
    return found


def _is_dated_above(lines: list[str], first: int, joined: str) -> bool:
    """Whether the line above holds the date that goes with a time of day."""
    above = lines[first - 1].strip() if first else ""
    if _DAY_ALONE.match(above) and not _INTRODUCES.match(joined):
        return True
    is_sentence = bool(_SENTENCE_END.search(above)) or len(above) > 60
    return bool(_YEAR.search(above)) and not is_sentence and not _YEAR.search(joined)


def is_inline_introduction(line: str) -> bool:
    """Whether an introduction and the beginning of its quote are one line."""
    if not _INTRODUCES.match(line.lstrip()):
        return False
    verb = _VERB_AND_COLON.search(line, 0, _MOST_CHARACTERS)
    head = "" if verb is None else line[: verb.start()]
    return "@" in head or "<" in head or bool(_YEAR.search(head))


def _wrote(line: str) -> bool:
    """Whether it ends by saying that somebody wrote."""
    return bool(_WROTE.search(line[-_TAIL:]))


def is_dashed(line: str) -> bool:
    """A line like "----- Original Message -----", in any language."""
    if _BEGIN_FORWARDED.match(line) or _ABOVE_THIS.match(line):
        return True
    found = None if len(line) > _MOST_CHARACTERS else _DASHED.match(line)
    return found is not None and bool(
        _ORIGINAL.search(found[1]) or "@" in found[1] or _wrote(found[1])
    )


def is_who_wrote(line: str) -> bool:
    """A line like "Bob wrote:", which introduces only what is known to be a quote."""
    line = line.strip(" *_-–—\t")
    if len(line) > _TAIL + _TAIL or _RELATIVE.search(line):
        return False
    return bool(_WHO_WROTE.match(line))


def who_wrote_at(lines: list[str], last: int) -> int | None:
    """Where such a line begins that ends here, also if it was broken; None if it is none."""
    joined = ""
    for first in range(last, max(last - _MOST_BROKEN, -1), -1):
        line = lines[first].strip()
        if not line or (joined and _SENTENCE_END.search(line)):
            return None
        joined = f"{line} {joined}".strip()
        if is_who_wrote(joined):
            above = lines[first - 1].strip() if first else ""
            is_broken = line[:1].islower() and above[:1].isupper()
            return first - (is_broken and not _SENTENCE_END.search(above))
    return None


def before_who_wrote(line: str) -> str | None:
    """What stands before such an introduction on the same line; None where there is none."""
    found = _SENTENCE_BEFORE.match(line) if len(line) <= _MOST_CHARACTERS else None
    return found[1] if found is not None and is_who_wrote(found[2]) else None


def is_between_dashes(line: str) -> bool:
    """Any line with dashes on both sides, which introduces only what is known to be a quote."""
    return len(line) <= _MOST_CHARACTERS and bool(_DASHED.match(line))


def split_introduction(line: str) -> list[str]:
    """The line, or what is theirs of it and the introduction that a program put behind that."""
    if len(line) > _MOST_CHARACTERS or line[-1:] not in {":", "："} or not _wrote(line):
        return [line]
    found = next((one.start() for one in _BEHIND.finditer(line)), 0)
    theirs = line[:found].rstrip(" -")
    return [line] if not theirs or theirs.startswith(">") else [theirs, line[found:]]


def is_rule(line: str) -> bool:
    """A line across the mail."""
    return bool(_RULE.match(line.strip()))


def is_proof(line: str) -> bool:
    """Whether a header holds what one of a mail holds: an address or a day."""
    return "@" in line or bool(_DAY.search(line))


def is_label(line: str) -> bool:
    """A line that may be a header, in any language."""
    return bool(_LABEL.match(line))


def header_block(lines: list[str], first: int) -> int:
    """How many lines from here on are a block of headers with a From among them; 0 if none."""
    labels = 0
    has_sender = has_proof = False
    at = first
    while at < len(lines) and at - first < 12:
        found = _LABEL.match(lines[at])
        if labels and not lines[at].strip() and any(map(_LABEL.match, lines[at + 1 : at + 2])):
            at += 1  # some leave a line between two headers
            continue
        if found is None and (not lines[at].strip() or not labels or at - first > 8):
            break
        if found is not None:
            labels += 1
            is_sender = _FROM.match(found[1].strip()) and not found[2][:1].isdigit()  # no hours
            has_sender = has_sender or bool(is_sender)
        has_proof = has_proof or is_proof(lines[at])
        at += 1
    return at - first if labels >= 3 and has_sender and has_proof else 0


def is_device_signature(line: str) -> bool:
    """What a phone or a program writes under a mail of its own accord: it names itself."""
    if len(line) > 120 or not _SIGNATURE_LINE.match(line):
        return False
    return bool(_DEVICE.search(line.lstrip("* _"), 1))
