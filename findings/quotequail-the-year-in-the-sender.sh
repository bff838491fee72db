#!/usr/bin/env bash
# quotequail 0.5.4: in a reply written in Gmail's American form the year is part of who wrote.
#
# unwrap() promises the parsed headers of a reply. "On Mon, Nov 30, 2026 at 9:00 AM Ann <...> wrote:",
# with no comma before the name, is split at its last comma: the date is "Mon, Nov 30", the sender
# "2026 at 9:00 AM Ann <...>", in plain text and in HTML. The library's list of patterns names Gmail,
# whose British form, as Apple Mail's American one, has a comma there and is taken apart right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "quotequail==0.5.4" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
from email.utils import parseaddr

from quotequail import unwrap, unwrap_html

ANN = "Ann <ann@example.com>"
HTML = '<div>At 5.</div><div class="gmail_quote">{}<br><blockquote>When?</blockquote></div>'


def headers(line: str) -> tuple[str, str]:
    text = unwrap(f"At 5.\n\n{line}\n\n> When?\n")
    page = unwrap_html(HTML.format(line.replace("<", "&lt;").replace(">", "&gt;")))
    assert text is not None and page is not None
    assert (text["text_top"], text["text"]) == ("At 5.", "When?")
    assert (text["date"], text["from"]) == (page["date"], page["from"]), "HTML differs"
    return text["date"], text["from"]


for date in (
    "Mon, 30 Nov 2026 at 09:00",  # Gmail, British
    "Nov 30, 2026, at 9:00 AM",  # Apple Mail, American
    "30/11/2026 09:00",  # Thunderbird
):
    assert headers(f"On {date}, {ANN} wrote:") == (date, ANN), date

for line in (
    f"On Mon, Nov 30, 2026 at 9:00 AM {ANN} wrote:",
    f"On Tue, Dec 1, 2026 at 12:15 PM {ANN} wrote:",
):
    date, sender = headers(line)
    print(f"{line}\n    date {date!r}, from {sender!r}, whose name is {parseaddr(sender)[0]!r}")
    if sender == ANN or "2026" in date:
        raise SystemExit("the year is the date's: the behaviour has changed")
PYTHON
