"""Formulas that were written to be typeset, in plain signs: LaTeX, indices and powers.

Pure; knows no language: powers are left with a "^" between what is raised and by what.
"""

import re

_INLINE = re.compile(r"\\[()\[\]]|\$\$|\$(?=[A-Za-z\\])([^$\n]{1,80})(?<!\s)\$(?!\w)")
_SIGNS = {
    "times": "×", "cdot": "×", "div": "÷", "pm": "±", "approx": "≈", "neq": "≠", "leq": "≤",
    "le": "≤", "geq": "≥", "ge": "≥", "sqrt": "√", "to": "→", "pi": "π", "infty": "∞", "circ": "°",
    "text": "", "mathrm": "", "mathbf": "", "left": "", "right": "",
}  # fmt: skip
_COMMAND = re.compile(rf"\\({'|'.join(_SIGNS)})(?![A-Za-z])\{{?")
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}\n]{1,40})\}\{([^{}\n]{1,40})\}")
_DEGREES = re.compile(r"\^\{?°\}?")
_POWER = re.compile(r"(?<=[\w)}])\^(?:\{([^{}\n]{1,20})\}|(?=-?\w))")
_NO_POWER = re.compile(r"(?<![\w)])\^|\^(?![-\w(])")
_RAISED = re.compile(r"(?<=[\w)])(?:[²³]{2,}|[²³]*[⁻⁰¹⁴-⁹][⁻⁰¹²³⁴-⁹]*)")
_UP = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_DOWN = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def plain_formulas(text: str) -> str:
    r"""The text with `\frac{1}{2}` as "1/2", `$x^{10}$` as "x^10", "10²³" as "10^23" and "CO₂" as
    "CO2"; "x²" stays."""
    text = _INLINE.sub(r"\1", text.translate(_DOWN))
    if "\\" in text:
        text = _FRACTION.sub(_fraction, text)
        text = _DEGREES.sub("°", _COMMAND.sub(lambda found: _SIGNS[found[1]], text))
    text = _POWER.sub(lambda found: f"^{found[1] or ''}", text)
    text = _RAISED.sub(lambda found: f"^{found[0].translate(_UP)}", text)
    return _NO_POWER.sub(" ", text)


def _fraction(found: re.Match[str]) -> str:
    upper, lower = found.groups()
    return f"{upper}/{lower}" if (upper + lower).isdecimal() else f"{upper} ÷ {lower}"
