"""Second factors by Supabase's own client, with an authenticator app of its own arithmetic."""

import hashlib
import hmac
from base64 import b32decode
from pathlib import Path
from typing import Any

import pytest
from supabase_auth import AsyncGoTrueClient
from supabase_auth.errors import AuthApiError

from sandbox.core.clock import utc_now
from sandbox.core.settings import SECRET_KEY
from tests.integration.sandbox.supabase.project import claims_of, project, sent_to, signed_in
from tests.integration.sandbox.world import sandbox


def app_shows(secret: str) -> str:
    counter = int(utc_now().timestamp() // 30).to_bytes(8, "big")
    digest = hmac.new(b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return str((int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF) % 10**6).zfill(6)


async def enrolled(client: AsyncGoTrueClient) -> tuple[str, str]:
    made = await client.mfa.enroll({"factor_type": "totp", "friendly_name": "app"})
    assert made.totp is not None
    assert made.totp.uri.startswith("otpauth://totp/")
    return made.id, made.totp.secret


async def test_an_app_raises_the_session_and_ends_the_others(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as base_url, project(base_url) as client, project(base_url) as old:
        elsewhere = await signed_in(old)
        await signed_in(client)
        factor, secret = await enrolled(client)
        with pytest.raises(AuthApiError) as refused:
            await client.mfa.challenge_and_verify({"factor_id": factor, "code": "12345"})
        assert (refused.value.status, refused.value.code) == (422, "mfa_verification_failed")
        with pytest.raises(AuthApiError) as refused:
            await enrolled(client)
        assert refused.value.code == "mfa_factor_name_conflict"
        raised = await client.mfa.challenge_and_verify(
            {"factor_id": factor, "code": app_shows(secret)}
        )
        claims = await claims_of(raised.access_token, base_url)
        assert claims["aal"] == "aal2"
        assert [one["method"] for one in claims["amr"]] == ["totp", "password"]
        with pytest.raises(AuthApiError) as refused:
            await old.get_user(elsewhere.access_token)
        assert refused.value.code == "session_not_found", "it had no second factor"
        refreshed = (await client.refresh_session()).session
        assert refreshed is not None
        assert (await claims_of(refreshed.access_token, base_url))["aal"] == "aal2"
        level = await client.mfa.get_authenticator_assurance_level()
        assert (level.current_level, level.next_level) == ("aal2", "aal2")
        assert [one.id for one in (await client.mfa.list_factors()).totp] == [factor]


async def test_once_there_is_a_factor_a_password_alone_changes_nothing_that_matters(
    tmp_path: Path,
) -> None:
    async with sandbox(tmp_path) as base_url, project(base_url) as client:
        await signed_in(client)
        factor, secret = await enrolled(client)
        code = app_shows(secret)
        await client.mfa.challenge_and_verify({"factor_id": factor, "code": code})
        await signed_in(client)
        for attempt, status in (
            (client.update_user({"password": "another one"}), 401),
            (client.mfa.enroll({"factor_type": "totp", "friendly_name": "second"}), 403),
            (client.mfa.unenroll({"factor_id": factor}), 422),
        ):
            with pytest.raises(AuthApiError) as refused:
                await attempt
            assert (refused.value.status, refused.value.code) == (status, "insufficient_aal")
        challenge = await client.mfa.challenge({"factor_id": factor})
        answer: Any = {"factor_id": factor, "challenge_id": challenge.id, "code": app_shows(secret)}
        await client.mfa.verify(answer)
        with pytest.raises(AuthApiError) as refused:
            await client.mfa.verify(answer)
        assert refused.value.code == "mfa_factor_not_found", "a challenge is met once"
        await client.mfa.unenroll({"factor_id": factor})
        fallen = (await client.refresh_session()).session
        assert fallen is not None
        assert (await claims_of(fallen.access_token, base_url))["aal"] == "aal1"


async def test_a_phone_is_a_factor_and_the_project_may_remove_it(tmp_path: Path) -> None:
    async with (
        sandbox(tmp_path) as base_url,
        project(base_url) as client,
        project(base_url, SECRET_KEY) as admin,
    ):
        user = (await signed_in(client)).user.id
        made = await client.mfa.enroll(
            {"factor_type": "phone", "friendly_name": "mine", "phone": "+12025550179"}
        )
        challenge = await client.mfa.challenge({"factor_id": made.id})
        code = (await sent_to(base_url, "+12025550179"))["code"]
        await client.mfa.verify({"factor_id": made.id, "challenge_id": challenge.id, "code": code})
        assert [one.status for one in (await client.mfa.list_factors()).phone] == ["verified"]
        (held,) = await admin.admin.mfa.list_factors({"user_id": user})
        await admin.admin.mfa.delete_factor({"user_id": user, "id": held.id})
        assert await admin.admin.mfa.list_factors({"user_id": user}) == []
