"""One-time codes and links, by Supabase's own client: recover, sign in, confirm, change, resend."""

from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from supabase_auth.errors import AuthApiError

from sandbox.core.settings import DEMO_EMAIL
from tests.integration.sandbox.supabase.project import (
    KEY,
    claims_of,
    project,
    sent_to,
    signed_in,
)
from tests.integration.sandbox.world import sandbox

NEW = "new@example.com"


async def test_a_forgotten_password_is_set_anew(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as base_url, project(base_url) as client:
        await client.reset_password_for_email("nobody@example.com")  # tells nothing
        await client.reset_password_for_email(DEMO_EMAIL)
        code = (await sent_to(base_url, DEMO_EMAIL))["code"]
        with pytest.raises(AuthApiError) as refused:
            await client.verify_otp({"email": DEMO_EMAIL, "token": "000000x", "type": "recovery"})
        assert (refused.value.status, refused.value.code) == (403, "otp_expired")
        found = await client.verify_otp({"email": DEMO_EMAIL, "token": code, "type": "recovery"})
        assert found.session is not None
        claims = await claims_of(found.session.access_token, base_url)
        assert [one["method"] for one in claims["amr"]] == ["otp"]
        with pytest.raises(AuthApiError) as refused:
            await client.verify_otp({"email": DEMO_EMAIL, "token": code, "type": "recovery"})
        assert refused.value.code == "otp_expired", "a code is good once"
        await client.update_user({"password": "a better one"})
        await signed_in(client, DEMO_EMAIL, "a better one")


async def test_whoever_has_a_code_is_signed_in_and_need_not_have_been_known(
    tmp_path: Path,
) -> None:
    async with sandbox(tmp_path) as base_url, project(base_url) as client:
        people: tuple[tuple[Any, str, str], ...] = (
            ({"email": NEW}, NEW, "email"), ({"phone": "+12025550177"}, "+12025550177", "sms"),
        )  # fmt: skip
        for who, to, kind in people:
            with pytest.raises(AuthApiError) as refused:
                await client.sign_in_with_otp(
                    cast(Any, {**who, "options": {"should_create_user": False}})
                )
            assert (refused.value.status, refused.value.code) == (422, "otp_disabled")
            asked = await client.sign_in_with_otp(who)
            assert bool(asked.message_id) == (kind == "sms")
            code = (await sent_to(base_url, to))["code"]
            found = await client.verify_otp(cast(Any, {**who, "token": code, "type": kind}))
            assert found.user is not None
            assert [one.provider for one in found.user.identities or []] == list(who)


@pytest.mark.parametrize("flow", ["implicit", "pkce"])
async def test_a_link_leads_to_a_session_and_only_once(tmp_path: Path, flow: Any) -> None:
    page = "http://app.example/welcome"
    async with sandbox(tmp_path) as base_url, project(base_url, flow=flow) as client:
        await client.sign_in_with_otp({"email": DEMO_EMAIL, "options": {"email_redirect_to": page}})
        link = (await sent_to(base_url, DEMO_EMAIL))["link"]
        where = await _redirect(link)
        assert where.startswith(page)
        if flow == "pkce":
            code = parse_qs(urlsplit(where).query)["code"][0]
            with pytest.raises(AuthApiError) as refused:
                await client.exchange_code_for_session({"auth_code": "none"})
            assert refused.value.code == "flow_state_not_found"
            await client.sign_in_with_otp(  # its verifier was used up by the failure
                {"email": DEMO_EMAIL, "options": {"email_redirect_to": page}}
            )
            where = await _redirect((await sent_to(base_url, DEMO_EMAIL))["link"])
            code = parse_qs(urlsplit(where).query)["code"][0]
            found = await client.exchange_code_for_session({"auth_code": code})
            assert found.user is not None
            assert found.user.email == DEMO_EMAIL
        else:
            await client.initialize_from_url(where)
            assert await client.get_session() is not None
        assert "error_code=otp_expired" in await _redirect(link)


async def test_with_confirmation_nobody_signs_in_before_their_code_came_back(
    tmp_path: Path,
) -> None:
    async with sandbox(tmp_path, confirm_sign_ups=True) as base_url, project(base_url) as client:
        made = await client.sign_up({"email": NEW, "password": "correct horse"})
        assert made.session is None
        first = (await sent_to(base_url, NEW))["code"]
        with pytest.raises(AuthApiError) as refused:
            await signed_in(client, NEW, "correct horse")
        assert (refused.value.status, refused.value.code) == (400, "email_not_confirmed")
        await client.resend({"type": "signup", "email": NEW})
        code = (await sent_to(base_url, NEW))["code"]
        assert code != first
        found = await client.verify_otp({"email": NEW, "token": code, "type": "signup"})
        assert found.session is not None
        await client.update_user({"email": "newer@example.com", "phone": "+12025550178"})
        await client.resend({"type": "email_change", "email": NEW})
        code = (await sent_to(base_url, "newer@example.com"))["code"]
        email: Any = {"email": "newer@example.com", "token": code, "type": "email_change"}
        found = await client.verify_otp(email)
        await client.resend({"type": "phone_change", "phone": "+12025550178"})
        code = (await sent_to(base_url, "+12025550178"))["code"]
        phone: Any = {"phone": "+12025550178", "token": code, "type": "phone_change"}
        found = await client.verify_otp(phone)
        assert found.user is not None
        assert (found.user.email, found.user.phone) == ("newer@example.com", "12025550178")
        await client.reauthenticate()
        with pytest.raises(AuthApiError):
            await client.verify_otp(email)


async def test_one_of_two_identities_may_go(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as base_url, project(base_url) as client:
        await signed_in(client)
        email, phone = (await client.get_user_identities()).identities
        assert email.identity_data["email_verified"] is True
        await client.unlink_identity(phone)
        (left,) = (await client.get_user_identities()).identities
        with pytest.raises(AuthApiError) as refused:
            await client.unlink_identity(left)
        assert refused.value.code == "single_identity_not_deletable"


async def _redirect(link: str) -> str:
    async with (
        aiohttp.ClientSession() as http,
        http.get(link, allow_redirects=False) as response,
    ):
        assert response.status == 303
        return response.headers["Location"]


async def test_what_is_asked_wrongly_is_refused_with_a_code(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as base_url, aiohttp.ClientSession(headers=KEY) as http:
        for path, body, code in (
            ("recover", {}, "validation_failed"), ("recover", {"email": "no"}, "validation_failed"),
            ("otp", {"email": NEW, "phone": "+12025550177"}, "validation_failed"),
            ("otp", {"phone": "call me"}, "validation_failed"), ("otp", [], "bad_json"),
            ("resend", {"type": "recovery", "email": NEW}, "validation_failed"),
            ("resend", {"type": "sms", "email": NEW}, "validation_failed"),
            ("verify", {"type": "email"}, "validation_failed"),
            ("verify", {"type": "email", "token": "1"}, "validation_failed"),
            ("verify", {"type": "auth_code", "token_hash": "1"}, "validation_failed"),
            ("verify", {"type": "email", "token_hash": "1"}, "otp_expired"),
            ("signup", {"email": NEW, "password": "long enough", "data": [1]}, "bad_json"),
            ("token?grant_type=id_token", {}, "provider_disabled"),
            ("sso", {}, "saml_provider_disabled"),
        ):  # fmt: skip
            async with http.post(f"{base_url}/auth/v1/{path}", json=body) as response:
                assert response.status in (400, 403, 404), path
                assert (await response.json())["error_code"] == code, (path, body)
