"""Bytes to text by the names of character sets that mails give, as browsers read them.

Names follow the WHATWG Encoding Standard, where "iso-8859-1" is windows-1252; a name it does not
know, and bytes that are UTF-8 under a name that allows no such bytes, are read as UTF-8. Pure.
"""

import webencodings

# Where Python's codec of the name covers less than the standard's (its "Indexes").
_WIDER = {"euc-kr": "cp949", "gbk": "gb18030", "shift_jis": "cp932", "big5": "big5hkscs"}
_SINGLE_BYTES = "windows-1252"


def decoded(value: bytes, charset: str) -> str:
    """The text; what cannot be read is U+FFFD."""
    if charset.strip().lower() == "iso-2022-kr":  # the standard refuses it, old mail has it
        return value.decode("iso2022_kr", "replace")
    known = webencodings.lookup(charset)
    if known is None or known.name in {"utf-8", "x-user-defined", "replacement"}:
        return value.decode("utf-8-sig", "replace")
    if known.name == _SINGLE_BYTES and _is_utf8(value):
        return value.decode("utf-8-sig")
    if known.name in _WIDER:
        return value.decode(_WIDER[known.name], "replace")
    text, _ = webencodings.decode(value, known, "replace")
    return str(text)


def _is_utf8(value: bytes) -> bool:
    """Whether it has letters beyond ASCII, all well formed: no text of another set looks so."""
    if value.isascii():
        return False
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
