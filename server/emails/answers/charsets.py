"""Bytes to text by the names of character sets that mails give, as browsers read them.

Names follow the WHATWG Encoding Standard, where "iso-8859-1" is windows-1252; a name it does not
know in any spelling is UTF-8 or else windows-1252, and bytes that are UTF-8 under a name that
allows no such bytes are read as UTF-8. Pure.
"""

import re

import webencodings

_MARKS = re.compile(r"[^a-z0-9]")
# Where Python's codec of the name covers less than the standard's (its "Indexes").
_WIDER = {"euc-kr": "cp949", "gbk": "gb18030", "shift_jis": "cp932", "big5": "big5hkscs"}
_ISO = re.compile(r"(?:x?iso|is)?8859(\d{1,2})(?:19\d\d)?")
_WINDOWS = re.compile(r"(?:x?cp|win|windows|mswin|ansi)(125[0-8])")
_DOS = re.compile(r"(?:cp|ibm)(437|85[0-8]|86[0-5])")
# What the standard has by no name, or refuses as a page's, and old mail has.
_OTHERS = {
    "hz": "hz", "hzgb2312": "hz", "utf7": "utf-7", "unicode11utf7": "utf-7", "utf32": "utf-32",
    "iso2022kr": "iso2022_kr", "iso2022jp1": "iso2022_jp_1", "iso2022jp2": "iso2022_jp_2",
}  # fmt: skip
_ALIASES = {
    "latin9": "iso-8859-15", "cp936": "gbk", "ms936": "gbk", "cp932": "shift_jis",
    "cp949": "euc-kr", "uhc": "euc-kr", "windows949": "euc-kr", "xwindows949": "euc-kr",
    "cp950": "big5", "xbig5": "big5", "ujis": "euc-jp", "eucjpms": "euc-jp",
    "iso2022jpms": "iso-2022-jp", "cp50220": "iso-2022-jp", "cp50221": "iso-2022-jp",
    "xmacroman": "macintosh",
}  # fmt: skip
_SQUEEZED = {_MARKS.sub("", name): name for name in webencodings.LABELS} | _ALIASES
_SINGLE_BYTES = "windows-1252"


def decoded(value: bytes, charset: str) -> str:
    """The text; what cannot be read is U+FFFD."""
    squeezed = _MARKS.sub("", charset.lower())
    page = _DOS.fullmatch(squeezed)
    if other := f"cp{page[1]}" if page else _OTHERS.get(squeezed):
        return value.decode("utf-8-sig" if _is_utf8(value) else other, "replace")
    known = webencodings.lookup(charset) or webencodings.lookup(_spelt_as_usual(squeezed))
    if known is None and charset.strip() and not _is_utf8(value):
        return value.decode(_SINGLE_BYTES, "replace")
    if known is None or known.name in {"utf-8", "x-user-defined", "replacement"}:
        return value.decode("utf-8-sig", "replace")
    if known.name == _SINGLE_BYTES and _is_utf8(value):
        return value.decode("utf-8-sig")
    if known.name in _WIDER:
        return value.decode(_WIDER[known.name], "replace")
    text, _ = webencodings.decode(value, known, "replace")
    return str(text)


def _spelt_as_usual(squeezed: str) -> str:
    """A name as most write it: "iso8859_1", "cp-1252" and "ansi" are none that the standard has."""
    if found := _ISO.fullmatch(squeezed):
        return f"iso-8859-{found[1]}"
    found = _WINDOWS.fullmatch(squeezed)
    return f"windows-{found[1]}" if found else _SQUEEZED.get(squeezed, squeezed)


def _is_utf8(value: bytes) -> bool:
    """Whether it has letters beyond ASCII, all well formed: no text of another set looks so."""
    if value.isascii():
        return False
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
