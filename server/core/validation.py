"""What people type, checked: lines, texts and addresses. Pure; every refusal says what to do."""

import email_validator

from server.core.errors import AppError


def one_line(given: str, name: str, most: int) -> str:
    """Printable characters with single spaces. Raises AppError, which names the field."""
    text = " ".join(given.split())
    if not text or len(text) > most or not text.isprintable():
        raise AppError("bad_request", f"`{name}` needs 1 to {most} printable characters.")
    return text


def some_text(given: str, name: str, most: int) -> str:
    """Printable lines; the line ends are "\\n". Raises AppError("bad_request")."""
    text = "\n".join(line.rstrip() for line in given.splitlines()).strip("\n")
    readable = all(line.isprintable() for line in text.replace("\t", " ").split("\n"))
    if not text.strip() or len(text) > most or not readable:
        raise AppError("bad_request", f"`{name}` needs 1 to {most} printable characters.")
    return text


def mail_address(given: str, name: str) -> str:
    """An e-mail address in lower case, without asking any name server. Raises AppError."""
    try:
        found = email_validator.validate_email(
            given.strip(), check_deliverability=False, allow_smtputf8=False
        )
    except email_validator.EmailNotValidError as error:
        raise AppError("bad_request", f"`{name}`: {error}") from None
    return found.normalized.lower()
