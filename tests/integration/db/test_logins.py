"""What a login may that it is not to, in words. Signing in is in tests/integration/server."""

import pytest

from db.core.logins import REQUEST, SERVICE, WORKER, Reached, excess


def test_the_logins_as_they_are_made_have_nothing_too_much() -> None:
    people = [Reached(REQUEST), Reached("authenticated"), Reached("anon")]
    assert excess(REQUEST, people) == []
    assert excess(WORKER, [Reached(WORKER), Reached(SERVICE), Reached("of_our_company")]) == []


@pytest.mark.parametrize(
    ("login", "reached", "said"),
    [
        (REQUEST, Reached(REQUEST, is_superuser=True), "talking_request is a superuser"),
        (WORKER, Reached("boss", passes_rls=True),
         "talking_worker can become boss, which passes row level security"),
        (WORKER, Reached("pg_write_all_data"), "talking_worker can become pg_write_all_data"),
        (REQUEST, Reached(SERVICE), "talking_request can become talking_service"),
        (REQUEST, Reached(WORKER), "talking_request can become talking_worker"),
        (WORKER, Reached("authenticated"), "talking_worker can become authenticated"),
        (WORKER, Reached(SERVICE, owns=True),
         "talking_worker can become talking_service, which owns the tables"),
    ],
)  # fmt: skip
def test_what_is_too_much_is_said(login: str, reached: Reached, said: str) -> None:
    assert excess(login, [reached]) == [said]
