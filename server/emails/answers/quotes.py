"""What is new in an answer: without what it quotes, what introduces that, and signatures.

Our own words, addresses and links mark the quote in any layout and language; only where none of
them is found do the usual marks of mail programs decide. Words below or between quoted lines are
kept: losing what somebody wrote is worse than leaving a line of a quote. Pure.
"""

import itertools
import re

import msgspec

from media.wishes.reading import wish_to_stop
from server.emails.answers.layouts import (
    before_who_wrote,
    header_block,
    introduction_at,
    is_between_dashes,
    is_dashed,
    is_device_signature,
    is_inline_introduction,
    is_label,
    is_proof,
    is_rule,
    split_introduction,
    who_wrote_at,
)

_FEWEST = 14  # letters by which a line is known to be ours wherever it stands
_FEWEST_BETWEEN = 6  # and between two such lines
_MOST_LINES = 3000
_MOST_JOINED = 5
_INTRODUCTION_LINES = 10
_NOT_LETTERS = re.compile(r"[\W_]+")
_LINK = re.compile(r"<?\bhttps?://\S+|<mailto:[^>]*>|\[cid:[^\]]*\]", re.IGNORECASE)
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")  # of Hebrew, Arabic
_MANY_BLANK_LINES = re.compile(r"\n{3,}")
_PREFIX = re.compile(r"^\s*(?:[^\W\d_]{1,12}(?:\s?\[\d+\])?\s?[:：]\s*)+")
_SIGNATURE = re.compile(r"^(?:--|__|—)\s*$")


class Ours(msgspec.Struct, frozen=True):
    """What we wrote, by which its quote is known: words as text and page show them; names and
    addresses, and parts of links, in lower case."""

    subject: str = ""
    words: str = ""
    names: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


NOTHING = Ours()


def new_words(text: str, ours: Ours = NOTHING) -> str:
    """What somebody wrote above, below or between what they quote; "" if that is nothing."""
    given = (line.rstrip() for line in _DIRECTIONS.sub("", text).splitlines()[:_MOST_LINES])
    lines = [part for line in given for part in split_introduction(line)]
    kept = _marked(lines, ours)
    return _MANY_BLANK_LINES.sub("\n\n", "\n".join(_signed_off(lines, kept))).strip()


def new_subject(subject: str, ours: Ours) -> str:
    """The subject, if it is theirs; "" for an answer to ours."""
    bare = _PREFIX.sub("", subject)
    theirs, known = _folded(bare), _folded(_PREFIX.sub("", ours.subject))
    if not known or not theirs:
        return bare.strip()
    if theirs in known:
        return ""
    return "" if known in theirs and len(known) >= _FEWEST // 2 else bare.strip()


def _folded(text: str) -> str:
    return _NOT_LETTERS.sub("", text.casefold())


def _marked(lines: list[str], ours: Ours) -> list[bool]:
    """For each line whether it may be theirs."""
    quoted = [_is_quoted(line.strip()) for line in lines]
    own = _own_lines(lines, ours)
    kept = [not (one or other) for one, other in zip(quoted, own, strict=True)]
    _drop_introductions(lines, kept, quoted, own, ours)
    _drop_unmarked(lines, kept, quoted, own, ours)
    return kept


def _is_quoted(line: str) -> bool:
    is_row = line.startswith("|") and line.endswith("|") and len(line) > 1  # of a table
    return line.startswith((">", "|")) and not line.endswith("<") and not is_row


def _own_lines(lines: list[str], ours: Ours) -> list[bool]:
    """Which lines are of our mail: long ones wherever they stand, short ones beside such."""
    if not ours.words:
        return [False] * len(lines)
    everything = _folded(_LINK.sub("", ours.words))
    short = _short(ours.words)
    folded = [_folded(_LINK.sub("", line)) for line in lines]
    own = [
        (len(one) >= _FEWEST and one in everything)
        or any(link in line.lower() for link in ours.links)
        for one, line in zip(folded, lines, strict=True)
    ]
    for at, behind in itertools.pairwise(n for n in range(len(lines)) if folded[n]):
        begins = folded[behind] in short and who_wrote_at(lines, at) is not None
        own[behind] = own[behind] or begins
    for order in (range(len(lines)), range(len(lines) - 1, -1, -1)):
        beside = False
        for at in order:
            if not lines[at].strip("> |\t"):
                continue
            if not own[at] and beside:
                own[at] = not folded[at] or folded[at] in short
            beside = own[at]
    filled = [at for at in range(len(lines)) if folded[at]]
    for before, at, behind in zip(filled, filled[1:], filled[2:], strict=False):
        if own[before] and own[behind] and len(folded[at]) >= _FEWEST_BETWEEN:
            own[at] = own[at] or folded[at] in everything
    return own


def _short(words: str) -> set[str]:
    """Our lines, as they are and as somebody's program may have joined them."""
    lines = [folded for line in words.splitlines() if (folded := _folded(line))]
    spans = (
        (first, first + many) for many in range(1, _MOST_JOINED) for first in range(len(lines))
    )
    return {"".join(lines[first:end]) for first, end in spans}


def _drop_introductions(
    lines: list[str], kept: list[bool], quoted: list[bool], own: list[bool], ours: Ours
) -> None:
    """Take off what stands above a quote only to introduce it."""
    for start in range(len(lines)):
        is_quote = quoted[start] or own[start]
        if not is_quote or (start and (quoted[start - 1] or own[start - 1])):
            continue
        at, left = start - 1, _INTRODUCTION_LINES
        while at >= 0 and left:
            line, left = lines[at], left - 1
            if not line.strip() or not kept[at]:
                at -= 1
                continue
            first = introduction_at(lines, at, ours.names)
            theirs = before_who_wrote(line)
            if first is None and theirs is None:
                first = who_wrote_at(lines, at)
                if first is not None and _is_wish(" ".join(lines[first : at + 1]), ours):
                    break
            if first is None and own[start] and (is_label(line) or is_rule(line)):
                first = at if _is_among_headers(lines, at, ours) or is_rule(line) else None
            is_mark = (_is_mark(line) or is_dashed(line)) and not _is_wish(line, ours)
            if first is None and (is_mark or line.strip(" :：*").lower() in ours.names):
                first = at
            if first is None:
                lines[at] = theirs or line
                break
            for one in range(first, at + 1):
                kept[one] = False
            at = first - 1


def _is_wish(line: str, ours: Ours) -> bool:
    """Whether it asks for something, whatever it looks like; no name of ours does."""
    is_ours = any(name in line.lower() for name in ours.names)
    return not is_ours and wish_to_stop(line, "mail") != "no"


def _is_among_headers(lines: list[str], at: int, ours: Ours) -> bool:
    """Whether a line like a header is of a block of such, which names us, an address or a day."""
    above = list(itertools.takewhile(is_label, lines[at::-1]))
    block = [*above, *itertools.takewhile(is_label, lines[at + 1 :])]
    named = (ours.subject.lower(), *ours.names)
    is_ours = any(one and one in line.lower() for one in named for line in block)
    return len(block) > 1 and (is_ours or any(map(is_proof, block)))


def _drop_unmarked(
    lines: list[str], kept: list[bool], quoted: list[bool], own: list[bool], ours: Ours
) -> None:
    """Drop a quote without marks on its lines: from what introduces it to the end, or to the last
    of our own words, below which somebody may have written."""
    for at in range(len(lines)):
        if not kept[at]:
            continue
        begins = _begins_unmarked(lines, at, ours)
        if begins is None:
            continue
        first, after = begins
        following = next((n for n in range(after, len(lines)) if lines[n].strip()), len(lines))
        is_marked = following < len(lines) and quoted[following]
        last_own = max((n for n in range(after, len(lines)) if own[n]), default=-1)
        first_own = next((n for n in range(after, len(lines)) if own[n]), len(lines))
        end = after if is_marked else first_own if last_own >= 0 else len(lines)
        above = any(kept[n] and lines[n].strip() for n in range(first))
        if end == len(lines) and not above:  # rather a quote than nothing of what they wrote
            return
        while first and _is_mark(lines[first - 1]):
            first -= 1
        for one in range(first, end):
            kept[one] = False
        if end == len(lines):
            return


def _is_mark(line: str) -> bool:
    return not line.strip(" -_=*—–") or is_between_dashes(line)  # blank, or a rule


def _begins_unmarked(lines: list[str], at: int, ours: Ours) -> tuple[int, int] | None:
    """Where a quote's introduction begins and what comes after it, if one ends or begins here."""
    if size := header_block(lines, at):
        return at, at + size
    first = introduction_at(lines, at, ours.names)
    if first is not None:
        return first, at + 1
    if is_inline_introduction(lines[at]):
        return at, at + 1
    if is_dashed(lines[at]):
        return at, at + 1 + header_block(lines, at + 1)
    return None


def _signed_off(lines: list[str], kept: list[bool]) -> list[str]:
    """The lines that are theirs, without signatures: from "--" to the next quote, and what a
    program writes of its own accord at the end of a part."""
    left: list[str] = []
    in_signature = False
    for line, is_theirs in zip(lines, kept, strict=True):
        if not is_theirs:
            in_signature = False
            if left and left[-1]:
                left.append("")
            continue
        in_signature = in_signature or bool(_SIGNATURE.match(line))
        if not in_signature and not is_device_signature(line):
            left.append(line)
    return left
