"""Characters that can be sent in seven bits as others that look or mean the same.

Twilio's "Smart Encoding" table, as its segment calculator publishes it, with one blank for any
blank, and with what it leaves out: full-width small letters, hyphens that do not break and soft
ones, the minus sign, primes, ligatures, thirds and the sign for times; bullets, arrows, signs that
have a spelling, small figures, and marks of direction. Knows no texts.
"""

_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_ALIKE = {
    '"': "«»ʺˮ“”„‟❝❞〝〞″‶",
    "'": "`｀´ʹʻʼʽˈˊˋ\u0313\u0314‘’‛❛❜︐︑′‵",
    "/": "÷\u0337\u0338⁄∕⧸",
    "1/4": "¼",
    "1/2": "½",
    "3/4": "¾",
    "1/3": "⅓",
    "2/3": "⅔",
    "fi": "ﬁ",
    "fl": "ﬂ",
    "x": "×",
    "\\": "\u20e5⧵⧹﹨",
    "_": "\u0332‗",
    "|": "\u20d2\u20d3∣⎜⎟⎸⎹⏐",
    "-": "‐\u2011‒–—―−•⁃⎼⎽﹣·∙‧‣◦▪●○■□",
    "@": "﹫",
    "$": "﹩",
    "!": "ǃ︕﹗",
    "#": "﹟",
    "%": "﹪",
    "&": "﹠",
    ",": "\u0326‚、﹐﹑､",
    "(": "❨❪⟮⦅﹙",
    ")": "❩❫⟯⦆﹚",
    "*": "⁎∗⊛✢✣✤✥✱✲✳✺✻✼✽❃❉❊❋⧆﹡",
    "+": "˖﹢",
    ".": "。﹒｡",
    ":": "ː˸⦂꞉︓",
    ";": "⁏︔﹔",
    "<": "‹﹤",
    "=": "\u0347꞊﹦",
    ">": "›﹥",
    "?": "︖﹖",
    "^": "ˆ\u0302\u1dcd",
    "{": "❴﹛",
    "}": "❵﹜",
    "~": "˜˷\u0303\u0330\u0334∼≈",
    " ": (
        "\u0009\u0080\u008d\u0090\u009b\u009f\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
        "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
    ),
    "": (
        "\u0000\u0003\u0004\u0010\u0011\u0012\u0013\u0014\u0017\u0019\u00ad\u200b\u200c\u2060\ufeff"
        "\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufe0e\ufe0f"
    ),
    "->": "→➔",
    "<-": "←",
    "=>": "⇒",
    "<=": "≤",
    ">=": "≥",
    "+/-": "±",
    "(c)": "©",
    "(R)": "®",
    "(TM)": "™",
    "No.": "№",
    "1": "¹",
    "2": "²",
    "3": "³",
    "o": "º",
    "a": "ª",
    " deg ": "°",
    "!!": "‼",
    "...": "…",
}
_SMALL_CAPITALS = str.maketrans(
    "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
    "ABCDEFGHIJKLMNOPRSTUVWYZ",
)
PLAIN: dict[int, str | int] = (
    str.maketrans(_FULL_WIDTH | {one: plain for plain, alike in _ALIKE.items() for one in alike})
    | _SMALL_CAPITALS
)
