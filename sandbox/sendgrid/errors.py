"""What the mail service says when it will not do something.

One exception for all; the shape is that of SendGrid's "Errors" page: a list of message, field and
help.
"""

import msgspec

HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html"


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong; `field` is a path such as `personalizations.0.to.0.email`."""

    message: str
    field: str | None = None
    help: str | None = None


class MailError(Exception):
    """A refusal."""

    def __init__(self, status: int, *problems: Problem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.status = status
        self.problems = problems


def refusal(message: str, status: int = 400) -> MailError:
    """A refusal for one reason that no field is to blame for."""
    return MailError(status, Problem(message))
