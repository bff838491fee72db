"""What of a model's stream is its reply: reasoning, channel tags and role labels are taken out.

Chat templates leak, and reasoning models think aloud in what should be said. Text comes in pieces
cut anywhere, so half a tag is held until the rest of it, or what shows that it is none, has come.
A name that may be a mere word, as in "the <plan> placeholder", hides only what a closing tag ends.
Pure; one `ReplyFilter` a reply.
"""

import re
from typing import Literal

import msgspec

_REASONING = (
    "think|thinking|thinking_process|thought|thoughts|reason|reasoning|reasoning_content|reflection"
    "|analysis|scratch_?pad|commentary|inner_monologue|inner_thoughts?|chain_of_thought|cot"
    "|tool_(?:calls?|code|use|responses?|results?|outputs?)|function_calls?"  # written as text, too
    "|(?:(?<=/)(?:function|invoke)|function(?==)|invoke(?= ))"
)
# Whatever else a template calls them, by what is in the name: "planning", "antThinking".
_STEMS = (
    "think|thought|reason|reflect|ponder|deliberat|brainstorm|monologue|scratch|analys|analyz"
    "|rationale|introspect|contemplat|cognit|critique|self_?talk|denken|gedanke|überleg|pensée"
    "|réflex|raisonn|pensamient|razonamient|思|推理|мысл|размышл"
    "|(?<![a-z])(?:plans?|planning|internal|hidden|private|evaluation|considerations?)(?![a-z])"
)
_OTHER_NAME = rf"[^\W\d]?[\w-]{{0,15}}(?:{_STEMS})[\w-]{{0,16}}"
_WORDS = re.compile(
    "plans?|planning|internal|hidden|private|evaluation|considerations?|reasonable|thinkers?"
    "|thoughtful|analysts?|scratch|reflective|critique|THINKING|THOUGHTS?|REFLECTION|ANALYSIS"
)
_AMID = re.compile(r"[\w,'’\"“(/-][ \t]*\Z")  # a sentence goes on
_MOST_DOUBTED = 120  # characters that wait amid a sentence for a closing tag
_LEFT, _RIGHT = r"(?:<|&lt;|&#60;|&#x3c;)", r"(?:>|&gt;|&#62;|&#x3e;)"  # perhaps as HTML has them
_TAG = re.compile(
    rf"{_LEFT}(?P<close>/)?(?:\w{{1,12}}:)?(?P<reasoning>{_REASONING})\b"
    rf"(?:[^<>]*?=[^<>]*?|\s*/?){_RIGHT}"
    rf"|{_LEFT}(?P<close_5>/)?(?:\w{{1,12}}:)?(?P<reasoning_5>{_OTHER_NAME})"
    rf"(?:\s[^<>]*?=[^<>]*?|\s*/?){_RIGHT}"
    r"|◁(?P<close_2>/)?(?P<reasoning_2>think)▷"
    r"|<unused(?:94|(?P<close_4>95))(?P<reasoning_4>)>"  # of Gemma
    r"|\[(?P<close_3>/)?(?-i:(?P<reasoning_3>THINK|REASONING|TOOL_CALLS))\]"
    r"|\[(?P<close_6>/)?(?-i:(?P<reasoning_6>THINKING|THOUGHTS?|REFLECTION|ANALYSIS))\]"
    rf"|{_LEFT}[|｜](?P<token>[^<>]{{0,40}}?)[|｜]{_RIGHT}|(?P<inst>\[/?INST\])"
    rf"|{_LEFT}(?P<turn>/?s|(?:start|end)_of_turn|[be]os|end_of_utterance){_RIGHT}"
    rf"|{_LEFT}/?(?:final_?|the_)?(?:answer|response|output|assistant|final){_RIGHT}"  # is said
    r"|(?P<next>\n\s*(?:(?-i:Human:)|\#{3} (?:Human|User|Instruction)(?=\W)))",  # goes on alone
    re.IGNORECASE,
)
# Anything else in angle brackets is no tag of ours: <b>, 5 < 3, an arrow.
_MAY_BE_TAG = re.compile(
    rf"(?:{_LEFT}(?:[|｜][^<>]{{0,45}}|unused\d{{0,2}}|/?(?:[^\W\d][\w:-]{{0,47}})?(?:&[a-z0-9#]{{0,4}})?"
    rf"|/?(?:\w{{1,12}}:)?(?:{_REASONING}|{_OTHER_NAME})\b[^<>]{{0,80}})"
    r"|\n\s*(?:(?-i:H(?:u(?:m(?:an?)?)?)?)|\#{1,3}(?: [a-z]{0,11})?)?"
    r"|◁/?[a-z]{0,5}|\[/?(?-i:[A-Z_]{0,10})|&(?:lt?|#(?:60?|x(?:3c?)?)?)?)\Z",
    re.IGNORECASE,
)
_EMPTY = re.compile(rf"/{_RIGHT}\Z", re.IGNORECASE)  # nothing is in it
_HALF_TAG = re.compile(rf"{_LEFT}[|｜/a-zA-Z]|◁|\[(?:/|TH|REA|TOOL|INS)", re.IGNORECASE)
_LETTER = re.compile("<[a-zA-Z]")  # of "a<b"
_LABELS = (
    "assistant",
    "ai assistant",
    "ai",
    "agent",
    "bot",
    "chatbot",
    "model",
    "reply",
    "response",
    "answer",
    "final answer",
    "output",
    "assistent",
    "assistentin",
    "ki",
    "antwort",
    "asistente",
    "agente",
    "ia",
    "respuesta",
    "assistante",
    "réponse",
)
_NAMES = "|".join(_LABELS)
_LABEL = re.compile(
    rf"[*_#\s]*(?:\[\s*(?:{_NAMES})\s*\][*_]*:?[*_]*\s*"
    rf"|\(?(?:{_NAMES})\)?[*_]*\s*(?::[*_]*\s*|\n+\s*))",
    re.IGNORECASE,
)
# "Answer: yes or no?", where one that only says who speaks goes on with a capital letter.
_DEFINES = re.compile(r"(?!(?:[Aa][Ii] )?[Aa]s+ist|ASS)[A-ZÀ-Ý][A-Za-zÀ-ÿ ]*:[ ]*[a-zà-ÿ\d]")
# "Agent: Smith is his name", where one that only says who speaks goes on with a sentence.
_ROLE = r"(?i:agente?|bot|chatbot|model)[*_]*\s*:[*_]*\s*"
_NAME = (
    r"(?!(?:This|That|It|He|She|Here|There|Wh\w+|How|Now|To\w+|All|Every\w+|No\w*|So|Das|Dies|Es|Er|Sie"
    r"|Hier|W[aeio]\w*|Est[aeo]|Es[ao]|Aquí|Qu\w+|Ce\w*|Il|Elle|Voici)\b)[A-ZÀ-Ý][\w’'-]+"
)
_NAMES_SOMEBODY = re.compile(
    rf"{_ROLE}{_NAME}(?: {_NAME})? (?:is|was|ist|war|es|era|est|était)"
    r" (?:an?|the|his|her|my|our|your|their|der|die|sein|ihr|mein|el|la|su|mi|le|son|sa|mon)\b"
)
_MAY_NAME = re.compile(rf"{_ROLE}[A-ZÀ-Ý][\w’'-]*(?: [\w’'-]*){{0,3}}\Z")
_FENCE = re.compile(r"```(?:text|txt|plaintext|markdown|md)?[ ]*\n\s*")
_MAY_BE_FENCE = re.compile(r"`{1,2}\Z|```[a-z]{0,10}[ ]*\Z")
_WRAPPED = re.compile(r"```json\s*\Z|(?:```json\s*)?\{\s*(?:\"|\Z)")
_REPLY_FIELDS = frozenset(
    {"reply", "response", "answer", "message", "content", "text", "say", "speech", "output"}
)
_WHICH = ("", "_2", "_3", "_4", "_5", "_6")
_MOST_LABEL = 80  # characters, with what surrounds it; the rest of a line of marks is no label
_MARKS = "*_: \n"  # what may still belong to a label
_LABEL_TEXT = re.compile(r"[*_#\s(\[]*(?P<word>[A-Za-zÀ-ÿ' ]*)[*_\s)\]]*\Z")
_HEADS = frozenset({"start", "channel", "im_start", "start_header_id", "start_of_turn"})
_ENDS_OF_REPLY = frozenset(
    {
        "im_end",
        "return",
        "call",
        "endoftext",
        "end_of_text",
        "eot_id",
        "eom_id",
        "end_of_turn",
        "end_of_utterance",
        "eos",
        "/s",
    }
)
# Of a token in any spelling: "begin_of_thought", "START_THINKING", "tool▁calls▁begin".
_THOUGHTS = frozenset({"thought", "thoughts", "thinking", "think", "reasoning"})
_ASIDES = _THOUGHTS | {"action", "tool", "tools"}
_CALLS = frozenset({"tool_call", "tool_calls", "function_call"})
_BEGINS, _CLOSES = frozenset({"begin", "start"}), frozenset({"end"})
# A channel's name and the next one's, where a server took the tokens between them out.
_BARE_CHANNEL = re.compile(r"(?:analysis|commentary)(?=[A-Z])")
_BARE_FINAL = re.compile(
    r"assistantfinal|\bhere(?: is|'s) my response:\s*"
    r"|\n[*_#\s]*(?:final )?(?:answer|response|reply)[*_]*\s*[:\n][*_\s]*",
    re.IGNORECASE,
)
# A heading over what it thinks, which is reasoning if one over the answer follows.
_HEADINGS = (
    "thought", "thoughts", "thinking", "reasoning", "analysis", "here is my thought process",
    "here's my thought process",
)  # fmt: skip
_HEADING = re.compile(rf"[*_#\s]*(?:{'|'.join(_HEADINGS)})[*_]*\s*[:\n]", re.IGNORECASE)
_OTHERS = frozenset({"user", "human", "system", "tool", "[inst]"})

Mode = Literal["said", "reasoning", "head", "aside", "bare", "over"]


class ReplyFilter:
    """Takes pieces of a stream, gives back what is meant for the other side."""

    def __init__(self, *, begins_thinking: bool = False) -> None:
        """`begins_thinking`: what comes before the first closing tag is reasoning."""
        self._mode: Mode = "reasoning" if begins_thinking else "said"
        self.began_thinking = False  # as is known once a tag closes that was never opened
        self._waiting = ""  # may be the beginning of a tag
        self._lead = ""  # may be a label before the first word
        self._head = ""  # role or channel, until its message begins
        self._open = [""] if begins_thinking else []  # names of the tags that are not closed
        self._doubted: str | None = None  # hidden, and said after all if nothing closes it
        self._is_amid = False
        self._tail = ""  # what was said last
        self._begun = self._labelled = False

    def feed(self, piece: str) -> str:
        """What can be said now; "" while it is not known or nothing is meant to be."""
        self._waiting += piece
        said = ""
        while tag := _TAG.search(self._waiting):
            said += self._pass(self._waiting[: tag.start()])
            self._waiting = self._waiting[tag.end() :]
            self._turn(tag)
        held = _MAY_BE_TAG.search(self._waiting)
        ready = self._waiting[: held.start()] if held else self._waiting
        self._waiting = self._waiting[len(ready) :]
        return said + self._pass(ready)

    def end(self) -> str:
        """What was still held when the stream ended, if it is said; half a tag never is."""
        before = (self._tail if self._begun else self._lead)[-1:]
        is_word = before.isalnum() and _LETTER.fullmatch(self._waiting)
        rest = "" if _HALF_TAG.match(self._waiting) and not is_word else self._waiting
        said = self._pass(rest) + self._undoubted()
        if self._mode == "bare" and _HEADING.match(self._head):
            return self._head
        if self._begun:
            return said
        lead, self._lead = self._lead, ""
        is_name = _NAMES_SOMEBODY.match(lead)
        return lead if is_name else _LABEL.sub("", _unwrapped(lead), count=1)

    def _pass(self, text: str) -> str:
        if self._mode == "head":
            return self._read_head(text)
        if self._mode == "bare":
            self._head += text
            if not (final := _BARE_FINAL.search(self._head)):
                return ""
            self._mode = "said"
            return self._pass(self._head[final.end() :])
        if self._mode == "reasoning" and self._doubted is not None and len(self._open) == 1:
            self._doubted += text
            too_long = self._is_amid and len(self._doubted) > _MOST_DOUBTED
            return self._undoubted() if too_long else ""
        said = self._begin(text) if self._mode == "said" and not self._begun else text
        if self._mode != "said":
            return ""
        self._tail = (self._tail + said)[-8:]
        return said

    def _begin(self, text: str) -> str:
        """The first words, without a label or a wrapper; "" while that may still come."""
        self._lead = (self._lead + text).lstrip(_MARKS if self._labelled else None)
        if _WRAPPED.match(self._lead) or _MAY_BE_FENCE.match(self._lead):
            return ""
        if label := _FENCE.match(self._lead) or _LABEL.match(self._lead):
            if label.end() == len(self._lead) or _MAY_NAME.match(self._lead):
                return ""
            if not (_DEFINES.match(self._lead) or _NAMES_SOMEBODY.match(self._lead)):
                self._lead, self._labelled = self._lead[label.end() :], True
        elif _BARE_CHANNEL.match(self._lead) or _HEADING.match(self._lead):
            self._mode, self._head, self._lead = "bare", self._lead, ""
            return self._pass("")
        elif len(self._lead) <= _MOST_LABEL and _may_be_label(self._lead):
            return ""
        self._begun = bool(self._lead)
        return self._lead

    def _undoubted(self) -> str:
        """What was hidden behind a tag that nothing closes."""
        doubted, self._doubted = self._doubted, None
        if doubted is None:
            return ""
        self._open, self._mode = [], "said"
        return self._pass(doubted)

    def _read_head(self, text: str) -> str:
        """A role that a line break ends (ChatML); others end with a tag."""
        self._head += text
        role, line_break, rest = self._head.partition("\n")
        if not line_break or not role.strip():
            return ""
        self._begin_message(role)
        return self._pass(rest)

    def _begin_message(self, role: str) -> None:
        name = role.strip().lower()
        is_said = not name or name.split()[0] in {"assistant", "model", "final"}
        self._mode = "said" if is_said else "over" if name in _OTHERS and self._begun else "aside"
        self._head = ""

    def _turn(self, tag: re.Match[str]) -> None:
        if tag["next"] and self._mode == "said" and self._begun:
            self._mode = "over"
        if tag["next"] or self._mode == "over":
            return
        which = next((one for one in _WHICH if tag[f"reasoning{one}"] is not None), None)
        if which is not None:
            name = tag[f"reasoning{which}"]
            if _EMPTY.search(tag[0]):
                return
            if tag[f"close{which}"]:
                self.began_thinking |= not self._open and self._begun
                self._close(name)
                return
            if not self._open:
                self._is_amid = which == "_5" and bool(_AMID.search(self._tail))
                is_doubted = self._is_amid or (
                    which in {"_5", "_6"} and _WORDS.fullmatch(name) is not None
                )
                self._doubted = tag[0] if is_doubted else None
            self._open.append(name)
            self._mode = "reasoning"
            return
        token = (tag["token"] or tag["turn"] or tag["inst"] or "").strip().lower()
        parts = frozenset(re.split(r"[_▁ ]+", token))
        is_aside = bool(parts & _ASIDES)
        is_named = token.lstrip("/") in _CALLS or token.lstrip("/") in _THOUGHTS
        if is_named or (is_aside and parts & (_BEGINS | _CLOSES)):
            if parts & _CLOSES or token.startswith("/"):
                self._close(token)
                return
            self._open.append(token)
            self._mode = "reasoning"
        elif token in _HEADS:
            self._mode, self._head = "head", ""
            self._lead = self._lead if self._begun else ""  # a role before its channel
        elif token in {"message", "end_header_id", "im_sep"}:
            self._begin_message(self._head)
        elif token in _ENDS_OF_REPLY or token.startswith("end▁of"):
            self._mode = "over" if self._begun else "said"
        elif token in _OTHERS or token == "python_tag":  # noqa: S105 - what calls a tool
            self._mode = "over" if self._begun else "aside"
        elif token in {"assistant", "end", "[/inst]"} and self._mode != "reasoning":
            self._mode = "said"

    def _close(self, name: str) -> None:
        """Close what has the name, and all within it; the last one if none has it."""
        while self._open and self._open.pop() != name and name in self._open:
            pass
        self._mode = "reasoning" if self._open else "said"
        self._doubted = self._doubted if self._open else None


def _unwrapped(lead: str) -> str:
    """The reply in JSON that is nothing but a reply, or a call; all else is as it is."""
    try:
        found = msgspec.json.decode(lead.removeprefix("```json").removesuffix("```").strip())
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return lead
    if not isinstance(found, dict):
        return lead
    words = [found[name] for name in found if name in _REPLY_FIELDS]
    if len(words) == 1 and isinstance(words[0], str):
        return words[0]
    return "" if "name" in found and found.keys() & {"arguments", "parameters"} else lead


def _may_be_label(lead: str) -> bool:
    found = _LABEL_TEXT.match(lead)
    word = found["word"].strip().lower() if found else "?"
    if any(channel.startswith(lead) for channel in ("analysis", "commentary")):
        return True
    return any(label.startswith(word) for label in (*_LABELS, *_HEADINGS))
