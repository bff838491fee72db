"""An agent's own tools as operators write them: what may be kept, and where they may lead. Pure."""

from collections.abc import Sequence
from typing import get_args

import msgspec
from msgspec.structs import replace

from db.agents import AgentTool
from media.tool_arguments import beyond
from media.tools import Builtin
from server.agents.wire import MOST_SPOKEN_CHARACTERS, HttpTool
from server.core.config import Config
from server.core.errors import AppError
from server.core.phone_numbers import callable_number
from server.core.validation import one_line, some_text
from server.webhooks.addresses import checked_url
from server.webhooks.signing import new_secret

MOST_DESCRIPTION_CHARACTERS = 1000
MOST_PARAMETERS_BYTES = 8192
_OURS = frozenset(get_args(Builtin))


def kept(given: Sequence[HttpTool], before: Sequence[AgentTool]) -> tuple[AgentTool, ...]:
    """The tools with their secrets: one that was there by this name keeps its own."""
    secrets = {tool.name: tool.secret for tool in before}
    return tuple(
        AgentTool(**msgspec.structs.asdict(tool), secret=secrets.get(tool.name) or new_secret())
        for tool in given
    )


def fresh(after: Sequence[AgentTool], before: Sequence[AgentTool]) -> dict[str, str]:
    """Secrets that nobody was shown yet, by the tool's name."""
    known = {tool.secret for tool in before}
    return {tool.name: tool.secret for tool in after if tool.secret not in known}


def checked_tools(config: Config, tools: Sequence[AgentTool]) -> tuple[AgentTool, ...]:
    """The tools as they are kept. Raises AppError("bad_request"), which says what is wrong."""
    names = [tool.name for tool in tools]
    if len(set(names)) < len(names) or _OURS & set(names):
        taken = ", ".join(sorted(_OURS))
        raise AppError("bad_request", f"`tools`: each needs a name of its own, not of {taken}.")
    return tuple(_checked(config, tool) for tool in tools)


def checked_numbers(config: Config, numbers: Sequence[str]) -> tuple[str, ...]:
    """Numbers that may be called, in E.164. Raises AppError: invalid_number,
    country_not_allowed."""
    calls = config.calls
    found = (
        callable_number(one, calls.allowed_countries, calls.denied_prefixes) for one in numbers
    )
    return tuple(dict.fromkeys(found))


def is_allowed(config: Config, url: str) -> bool:
    """Whether the configuration lets tools lead there. Raises AppError("bad_request")."""
    address = checked_url(url, allow_private=config.webhooks.allow_private)
    return address.host in config.tools.allowed_hosts


def _checked(config: Config, tool: AgentTool) -> AgentTool:
    if not is_allowed(config, tool.url):
        raise AppError("bad_request", "`tools`: `url` has a host not in `tools.allowed_hosts`.")
    if tool.parameters.get("type") != "object":
        raise AppError("bad_request", "`tools`: `parameters` must be a JSON schema of an object.")
    unchecked = beyond(tool.parameters)
    if unchecked is not None:
        raise AppError("bad_request", f"`tools`: `parameters`: {unchecked}.")
    if len(msgspec.json.encode(tool.parameters)) > MOST_PARAMETERS_BYTES:
        most = MOST_PARAMETERS_BYTES
        raise AppError("bad_request", f"`tools`: `parameters` may take {most} bytes at most.")
    filler = tool.filler.strip()
    return replace(
        tool,
        description=some_text(tool.description, "description", MOST_DESCRIPTION_CHARACTERS),
        filler=one_line(filler, "filler", MOST_SPOKEN_CHARACTERS) if filler else "",
    )
