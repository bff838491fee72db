"""The agent's side of a text conversation: its opening, its answers, and its end.

A burst of texts gets one answer: each text has its job, due after a quiet gap, and only the newest
text's job writes. What was being written when a newer text came is dropped. All is decided again
under the row lock before it is written, so two nodes cannot answer the same text twice.
"""

import datetime as dt
import uuid
from collections import Counter

import msgspec
import structlog

from db.core.rows import Connection
from db.texts import conversations, messages
from db.texts.conversations import ConversationRow
from db.texts.messages import MessageRow
from media.consumption import metered
from media.dialogue import Hint, Prompt, Speaker, Turn, says_goodbye, within
from media.engines.base import EngineError
from media.engines.completion import complete
from server.agents.store import writer
from server.core.errors import NotYetError
from server.core.times import utc
from server.costs.store import Use, charge
from server.history import memory
from server.texts.deps import TextDeps
from server.texts.segments import plain, shorten
from server.texts.store import emit, must_ask, write
from server.texts.wire import ConversationEnded

log = structlog.get_logger(__name__)

MOST_TURNS = 40
_FAILURES_ALLOWED = 2  # tries of the language model before we say that something is wrong
_BATCH = 100


class Task(msgspec.Struct, frozen=True):
    """What the language model is asked, and about what: the newest text, or the opening. With a
    `question` it is not asked."""

    row: ConversationRow
    newest: MessageRow | None
    prompt: Prompt
    question: str = ""


async def begin(deps: TextDeps, subject: str) -> None:
    """Open the conversation with this id, once. Raises NotYetError while the language model
    fails."""
    await _write(deps, uuid.UUID(subject), None)


async def reply(deps: TextDeps, subject: str) -> None:
    """Answer the text with this id and all before it. Raises NotYetError while the
    language model fails."""
    async with deps.pools.as_service() as connection:
        message = await messages.get(connection, uuid.UUID(subject))
    if message is not None and message.answered_by is None:
        await _write(deps, message.conversation_id, message.id)


async def _write(deps: TextDeps, conversation_id: uuid.UUID, newest: uuid.UUID | None) -> None:
    async with deps.locks.of(f"text:{conversation_id}"):
        async with deps.pools.as_service() as connection:
            task = await _task(deps, connection, conversation_id, newest)
        if task is None:
            return
        consumed: Counter[str] = Counter()
        with metered(consumed):
            words = task.question or await _words(deps, task)
        use = Use(f"conversation:{conversation_id}", task.row.user_id, "texts", consumed)
        async with deps.transaction() as tx:
            await charge(tx, deps.config.costs, use)
            row = await conversations.lock(tx.connection, conversation_id)
            if row is None or not await _is_due(tx.connection, row, newest):
                return  # a newer text came, somebody else answered, or it is over
            await write(tx, row, words, "ai", ends=_ends(deps, row, task, words))


async def _is_due(connection: Connection, row: ConversationRow, newest: uuid.UUID | None) -> bool:
    if row.status != "active":
        return False
    if newest is None:
        return not await messages.newest(connection, row.id, 1)
    waiting = await messages.unanswered(connection, row.id)
    return bool(waiting) and waiting[-1].id == newest


async def _task(
    deps: TextDeps, connection: Connection, conversation_id: uuid.UUID, newest: uuid.UUID | None
) -> Task | None:
    row = await conversations.lock(connection, conversation_id)
    if row is None or not await _is_due(connection, row, newest):
        return None
    thread = await messages.newest(connection, row.id, MOST_TURNS)
    earlier = await memory.recall(
        connection, deps.config, row.user_id, row.topic, row.phone_number, but=row.id
    )
    turns = tuple(_turn(one) for one in thread if one.state not in {"refused", "dropped"})
    hint = hint_of(row.current_exchange + 1, deps.config.sms.max_exchanges)
    last = thread[-1] if newest is not None else None
    question = ""
    who = await writer(connection, deps.config, row.agent_id, row.user_id, row.phone_number)
    if newest is None and await must_ask(deps.config, connection, row):
        words = deps.config.sms_in(who.language).question
        question = plain(words.format(topic=within(row.topic)))
    prompt = Prompt(
        row.topic, turns, hint, "text", earlier, who.instructions, language=who.language
    )
    return Task(row, last, prompt, question)


def _turn(message: MessageRow) -> Turn:
    speaker: Speaker = "operator" if message.type == "user" else "agent"
    if message.direction == "inbound":
        speaker = "caller"
    text = message.message_text
    return Turn(speaker, text, text, message.created_at.timestamp())


def hint_of(exchange: int, most: int) -> Hint:
    """How near the end this answer is: the last two steer towards it, the last one says goodbye."""
    if exchange >= most:
        return "urgent"
    return "wrap_up" if exchange >= most - 2 else "none"


def _ends(deps: TextDeps, row: ConversationRow, task: Task, words: str) -> str | None:
    """Why the conversation is over with these words of ours, if it is."""
    if task.newest is None:
        return None
    if row.current_exchange + 1 >= deps.config.sms.max_exchanges:
        return "exchanges"
    theirs = task.newest.message_text
    return "goodbye" if says_goodbye(words) or says_goodbye(theirs) else None


async def _words(deps: TextDeps, task: Task) -> str:
    settings = deps.config.sms_in(task.prompt.language)
    if task.newest is not None and task.newest.media and not task.newest.message_text.strip():
        return settings.no_media
    try:
        thought = await complete(deps.engines.llm, task.prompt, settings.think_timeout_seconds)
    except EngineError as error:
        if task.newest is None:  # nobody waits for an opening
            raise NotYetError("language model") from error
        async with deps.pools.as_service() as connection:
            failures = await messages.failed_to_answer(connection, task.newest.id)
        log.error("answer_failed", conversation_id=str(task.row.id), error=str(error))
        if failures <= _FAILURES_ALLOWED:
            raise NotYetError("language model") from error
        return settings.sorry
    return fitted(deps, task, plain(thought))


def fitted(deps: TextDeps, task: Task, thought: str) -> str:
    """The thought as a text: short, with who we are in the first one and goodbye in the last."""
    settings = deps.config.sms_in(task.prompt.language)
    if task.newest is None:
        most = settings.max_characters - len(settings.introduction) - 1
        return f"{shorten(thought, max(most, 40))} {settings.introduction}"
    if task.prompt.hint == "urgent" and not says_goodbye(thought):
        return settings.goodbye
    return shorten(thought, settings.max_characters)


async def end_idle(deps: TextDeps) -> None:
    """End conversations in which nobody wrote for `sms.idle_hours`."""
    since = utc(deps.clock()) - dt.timedelta(hours=deps.config.sms.idle_hours)
    async with deps.pools.as_service() as connection:
        ids = await conversations.idle(connection, since, _BATCH)
    for conversation_id in ids:
        async with deps.transaction() as tx:
            row = await conversations.lock(tx.connection, conversation_id)
            if row is None or row.status == "ended" or row.last_at >= since:
                continue
            row = await conversations.change(tx.connection, row, status="ended", end_reason="idle")
            emit(tx, row, ConversationEnded)
