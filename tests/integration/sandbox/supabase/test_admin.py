"""What the secret key does to users, by Supabase's own client."""

from pathlib import Path
from typing import Any

import pytest
from supabase_auth.errors import AuthApiError

from sandbox.core.settings import PUBLISHABLE_KEY, SECRET_KEY, STAFF
from tests.integration.sandbox.supabase.project import claims_of, project, sent_to, signed_in
from tests.integration.sandbox.world import sandbox

NEW = "new@example.com"


async def test_users_are_made_changed_banned_and_deleted(tmp_path: Path) -> None:
    async with (
        sandbox(tmp_path) as base_url,
        project(base_url, SECRET_KEY) as secret,
        project(base_url) as client,
    ):
        made = (
            await secret.admin.create_user(
                {"email": NEW, "password": "correct horse", "user_metadata": {"a": 1}}
            )
        ).user
        assert made.email_confirmed_at is None
        with pytest.raises(AuthApiError) as refused:
            await signed_in(client, NEW, "correct horse")
        assert refused.value.code == "email_not_confirmed"
        changed = await secret.admin.update_user_by_id(
            made.id,
            {
                "email_confirm": True,
                "app_metadata": {"role": "admin"},
                "user_metadata": {"a": None},
            },
        )
        assert changed.user.app_metadata == {
            "provider": "email", "providers": ["email"], "role": "admin",
        }  # fmt: skip
        assert changed.user.user_metadata == {}
        session = await signed_in(client, NEW, "correct horse")
        await secret.admin.update_user_by_id(made.id, {"ban_duration": "1h30m"})
        for attempt in (
            signed_in(client, NEW, "correct horse"), client.get_user(session.access_token),
            client.refresh_session(session.refresh_token),
        ):  # fmt: skip
            with pytest.raises(AuthApiError) as refused:
                await attempt
            assert refused.value.code == "user_banned"
        await secret.admin.update_user_by_id(made.id, {"ban_duration": "none"})
        await client.get_user(session.access_token)
        with pytest.raises(AuthApiError) as refused:
            await secret.admin.create_user({"email": NEW, "password": "correct horse"})
        assert (refused.value.status, refused.value.code) == (422, "email_exists")
        await secret.admin.delete_user(made.id, should_soft_delete=True)
        left = (await secret.admin.get_user_by_id(made.id)).user
        assert (left.email, bool(left.deleted_at)) == ("", True)
        await secret.admin.delete_user(made.id)
        with pytest.raises(AuthApiError) as refused:
            await secret.admin.get_user_by_id(made.id)
        assert (refused.value.status, refused.value.code) == (404, "user_not_found")


async def test_users_are_listed_by_page_and_to_the_secret_key_only(tmp_path: Path) -> None:
    async with (
        sandbox(tmp_path) as base_url,
        project(base_url, SECRET_KEY) as secret,
        project(base_url, PUBLISHABLE_KEY) as client,
    ):
        everyone = [user.email for user in await secret.admin.list_users()]
        pages = [await secret.admin.list_users(page=page, per_page=2) for page in (1, 2, 3)]
        assert [user.email for page in pages for user in page] == everyone
        assert {email for email, _ in STAFF.values()} <= set(everyone)
        with pytest.raises(AuthApiError):
            await secret.admin.list_users(page=0)
        session = await signed_in(client, *STAFF["admin"])
        assert (await claims_of(session.access_token, base_url))["app_metadata"]["role"] == "admin"
        with pytest.raises(AuthApiError) as refused:
            await client.admin.list_users()
        assert (refused.value.status, refused.value.code) == (403, "not_admin")


async def test_an_invitation_makes_a_user(tmp_path: Path) -> None:
    async with (
        sandbox(tmp_path) as base_url,
        project(base_url, SECRET_KEY) as secret,
        project(base_url) as client,
    ):
        invited = (await secret.admin.invite_user_by_email(NEW, {"data": {"team": "a"}})).user
        assert invited.invited_at is not None
        code = (await sent_to(base_url, NEW))["code"]
        found = await client.verify_otp({"email": NEW, "token": code, "type": "invite"})
        assert found.user is not None
        assert (found.user.id, found.user.user_metadata) == (invited.id, {"team": "a"})
        with pytest.raises(AuthApiError) as refused:
            await secret.admin.invite_user_by_email(NEW)
        assert refused.value.code == "email_exists"


async def test_a_link_is_made_for_others_to_send(tmp_path: Path) -> None:
    async with (
        sandbox(tmp_path) as base_url,
        project(base_url, SECRET_KEY) as secret,
        project(base_url) as client,
    ):
        for kind in ("signup", "invite", "magiclink", "recovery", "email_change_new"):
            mine = f"{kind}@example.com"
            if kind in ("recovery", "email_change_new"):
                await secret.admin.create_user({"email": mine, "email_confirm": True})
            asked: Any = {"type": kind, "email": mine, "password": "correct horse"}
            asked["new_email"] = "newer@example.com"
            made = (await secret.admin.generate_link(asked)).properties
            assert made.hashed_token in made.action_link
            assert made.verification_type == ("signup" if kind == "magiclink" else kind)
            typed: Any = {
                "token_hash": made.hashed_token,
                "type": {"magiclink": "signup", "email_change_new": "email_change"}.get(kind, kind),
            }
            found = await client.verify_otp(typed)
            assert found.user is not None
            changed = kind == "email_change_new"
            assert found.user.email == ("newer@example.com" if changed else mine)
