"""Where the database is, and by which login."""

import pytest

from db.core import logins
from server.core.config import load, missing
from server.core.settings.database import Database
from server.core.settings.loading import ConfigError, Secret

ADDRESS = "postgresql://app.abcd@pooler.example.com:6543/postgres"
LOGINS = Database(url=ADDRESS, request_password=Secret("a/b"), worker_password=Secret("c"))


def test_the_two_logins_are_at_the_address_and_encrypted_as_it_is() -> None:
    assert LOGINS.logins() == (
        "postgresql://talking_request.abcd:a%2Fb@pooler.example.com:6543/postgres?sslmode=require",
        "postgresql://talking_worker.abcd:c@pooler.example.com:6543/postgres?sslmode=require",
    )
    socket = "postgresql://postgres@/postgres?host=%2Frun&port=5432"
    assert Database().logins(socket)[1] == (
        "postgresql://talking_worker:@/postgres?host=%2Frun&port=5432"
    )


def test_the_owner_is_another_url_or_who_the_url_names() -> None:
    owner = "postgresql://postgres.abcd:x@db.example.com/postgres"
    apart = Database(url=ADDRESS, owner_url=Secret(owner))
    assert apart.owner_dsn() == f"{owner}?sslmode=require"
    assert apart.knows_owner
    together = Database(url=owner)
    assert (together.owner_dsn(), together.knows_owner) == (f"{owner}?sslmode=require", True)
    assert not LOGINS.knows_owner
    assert not Database().knows_owner


@pytest.mark.parametrize("login", ["request", "worker"])
def test_the_password_that_is_missing_is_named(login: str) -> None:
    given = {
        f"TALKING_DATABASE__{one}_PASSWORD": "x"
        for one in ("REQUEST", "WORKER")
        if one != login.upper()
    }
    with pytest.raises(ConfigError) as refused:
        load(None, {"TALKING_DATABASE__URL": ADDRESS, **given}, calls=False)
    (fault,) = refused.value.faults
    assert f"set TALKING_DATABASE__{login.upper()}_PASSWORD" in fault


async def test_a_database_that_cannot_be_reached_is_said_to_be_it() -> None:
    with pytest.raises(ConnectionRefusedError, match="the owner cannot reach the database"):
        await logins.connect("postgresql://o:p@127.0.0.1:9/x", "the owner")


def test_who_looks_at_rows_alone_needs_nothing_that_calls_need() -> None:
    given = {
        "TALKING_STRIPE__SECRET_KEY": "sk_test_1", "TALKING_EMAIL__REPLY_DOMAIN": "r.example.com",
        "TALKING_SPEECH__RECOGNISER": "deepgram",
    }  # fmt: skip
    config = load(None, given, calls=False)
    assert [fault.partition(":")[0] for fault in missing(config)] == [
        "stripe.webhook_secret", "sendgrid.inbound_key", "twilio.auth_token", "deepgram.api_key",
    ]  # fmt: skip
    with pytest.raises(ConfigError, match=r"stripe\.webhook_secret: is required"):
        load(None, given)
    with pytest.raises(ConfigError, match=r"twilio\.auth_token: is required"):
        load(None, {})
