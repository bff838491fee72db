"""What a caller's words over the agent's were: an answer, or only a sign to go on. Pure."""

from media.dialogue import is_backchannel

_MOST_WORDS_LEFT = 6  # of a question that can be answered before its end


def is_sign_to_go_on(text: str, unspoken_text: str) -> bool:
    """Whether words said over the agent's, which left `unspoken_text` unsaid, want it to go on.

    A "yes" over the last words of a question answers it.
    """
    if not unspoken_text or not is_backchannel(text):
        return False
    left = unspoken_text.rstrip("\"')] ")
    return not (left.endswith("?") and len(left.split()) <= _MOST_WORDS_LEFT)
