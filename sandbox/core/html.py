"""The look of the sandbox's pages: plain HTML that works without scripts.

Pure: text in, text out, everything escaped. Knows no vendor.
"""

from collections.abc import Iterable
from html import escape

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 34rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } table { width: 100%; border-collapse: collapse }
td { padding: .3rem 0; vertical-align: top } td:last-child { text-align: right }
fieldset { border: 1px solid #8888; border-radius: .5rem; margin: 1rem 0 }
label { display: block; padding: .2rem 0 } form { margin: .5rem 0 }
button { font: inherit; padding: .5rem 1rem; border-radius: .5rem; cursor: pointer }
h2 { font-size: 1.1rem; margin-top: 2rem } pre { white-space: pre-wrap; overflow-wrap: anywhere }
iframe { width: 100%; height: 24rem; background: #fff }
iframe, textarea { border: 1px solid #8888; border-radius: .5rem; box-sizing: border-box }
textarea { display: block; width: 100%; font: inherit; margin: .3rem 0; padding: .5rem }
td { overflow-wrap: break-word } td:last-child { max-width: 22rem; padding-left: 1rem }
button { max-width: 100%; overflow-wrap: anywhere; text-align: left }
.acts form { display: inline-block; margin: .2rem .3rem .2rem 0 }
.note { opacity: .8; font-size: .9rem } .error { color: #c62828; font-weight: 600 }
"""


def page(title: str, *parts: str) -> str:
    """A whole document; the parts are HTML already."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="/favicon.ico"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(title)}</h1>{''.join(parts)}"
        '<p class="note">A sandbox: no money moves, no card is real and no mail leaves it.</p>'
        "</main></body></html>"
    )


def text(words: str, kind: str = "") -> str:
    """A paragraph; `kind` is "", "note" or "error"."""
    role = ' role="alert"' if kind == "error" else ""
    return f'<p class="{escape(kind)}"{role}>{escape(words)}</p>' if words else ""


def rows(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and amounts."""
    cells = "".join(f"<tr><td>{escape(a)}</td><td>{escape(b)}</td></tr>" for a, b in pairs)
    return f"<table>{cells}</table>"


def linked_rows(rows: Iterable[tuple[str, str, str]]) -> str:
    """Links to places of our own, each with its label and something to the right."""
    cells = "".join(
        f'<tr><td><a href="{escape(url)}">{escape(label)}</a></td><td>{escape(right)}</td></tr>'
        for url, label, right in rows
    )
    return f"<table>{cells}</table>"


def heading(words: str) -> str:
    """The name of a part of the page."""
    return f"<h2>{escape(words)}</h2>"


def preformatted(words: str) -> str:
    """Text as it was written."""
    return f"<pre>{escape(words)}</pre>" if words else ""


def frame(title: str, document: str) -> str:
    """Untrusted HTML, which can neither run scripts, nor submit forms, nor navigate."""
    return f'<iframe sandbox title="{escape(title)}" srcdoc="{escape(document)}"></iframe>'


def side_by_side(*forms: str) -> str:
    """Buttons in a row."""
    return f'<div class="acts">{"".join(forms)}</div>'


def area(name: str, label: str) -> str:
    """A place to write."""
    return f'<label>{escape(label)}<textarea name="{escape(name)}" rows="4"></textarea></label>'


def form(action: str, label: str, *fields: str) -> str:
    """A button that posts these fields."""
    return (
        f'<form method="post" action="{escape(action)}">{"".join(fields)}'
        f'<button type="submit">{escape(label)}</button></form>'
    )


def link(url: str, label: str) -> str:
    """A way out."""
    return f'<p><a href="{escape(url)}">{escape(label)}</a></p>'


def hidden(name: str, value: str) -> str:
    """A field nobody sees."""
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
