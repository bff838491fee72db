"""The agent's own words, when they come back over the line and are recognised: nobody said them.

Only words that were audible while the sound was taken are compared, and a few in a row must agree:
who repeats a word or two of the agent's means them. Knows text only.
"""

import re
from difflib import SequenceMatcher

_WORD = re.compile(r"[\w']+")
_WHOLE_WORDS, _WHOLE_SHARE = 3, 0.8  # of a text that is an echo and nothing else
_LEADING_WORDS = 4  # of an echo with somebody's words after it


def without_own_words(text: str, audible: str) -> str:
    """What is left of a recognised `text` without what the agent was saying; "" for nothing."""
    words = list(_WORD.finditer(text))
    said = [word.group().casefold() for word in words]
    own = [word.casefold() for word in _WORD.findall(audible)]
    matcher = SequenceMatcher(None, said, own, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size > 1]
    agreed = sum(block.size for block in blocks)
    if len(said) >= _WHOLE_WORDS and agreed >= _WHOLE_SHARE * len(said):
        return ""
    if blocks and blocks[0].a == 0 and blocks[0].size >= _LEADING_WORDS:
        return text[words[blocks[0].size].start() :]
    return text
