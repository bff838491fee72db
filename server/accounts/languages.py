"""In which language somebody is written to: what they say of themselves, if we have words of it."""

import uuid

from db.accounts import users
from db.core.rows import Connection
from media.languages.language import LANGUAGES, primary


async def language_of(connection: Connection, user_id: uuid.UUID | None, otherwise: str) -> str:
    """The language of the user's profile, as "es" of "es-MX"; `otherwise` where it says none."""
    said = None if user_id is None else (await users.profile(connection, user_id)).language
    language = primary(said or "")
    return language if language in LANGUAGES else otherwise
