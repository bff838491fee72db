"""The sign-in service by its own client, and its tokens by an independent verifier."""

import stat
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from supabase_auth import AsyncGoTrueClient
from supabase_auth.errors import AuthApiError, AuthError

from sandbox.core.settings import DEMO_EMAIL, SECRET_KEY
from tests.integration.sandbox.supabase.project import KEY, claims_of, project, signed_in
from tests.integration.sandbox.world import sandbox, world


async def test_the_client_signs_up_in_refreshes_and_out(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as base_url, project(base_url) as client:
        signed_up = await client.sign_up(
            {"email": "Ann@Example.com", "password": "correct horse",
             "options": {"data": {"phone": "+12025550123"}}}
        )  # fmt: skip
        assert signed_up.session is not None
        assert signed_up.user is not None
        claims = await claims_of(signed_up.session.access_token, base_url)
        assert claims["sub"] == signed_up.user.id
        assert (claims["role"], claims["aal"], claims["is_anonymous"]) == (
            "authenticated", "aal1", False,
        )  # fmt: skip
        assert claims["email"] == "ann@example.com"
        assert claims["user_metadata"] == {"phone": "+12025550123"}
        assert claims["phone"] == ""
        await client.sign_out()
        signed_in = await client.sign_in_with_password(
            {"email": "ann@example.com", "password": "correct horse"}
        )
        assert signed_in.session is not None
        refreshed = await client.refresh_session()
        assert refreshed.session is not None
        assert refreshed.session.refresh_token != signed_in.session.refresh_token
        found = await client.get_user()
        assert found is not None
        assert found.user.id == signed_up.user.id
        changed = await client.update_user({"phone": "+1 2025550124"})
        assert changed.user.phone == "12025550124"
        await client.sign_out()


async def test_whoever_lost_the_answer_to_a_refresh_asks_again_and_older_tokens_end_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sandbox(tmp_path) as base_url, project(base_url) as client:
        first = await signed_in(client)
        second = (await client.refresh_session(first.refresh_token)).session
        again = (await client.refresh_session(first.refresh_token)).session
        assert second is not None
        assert again is not None
        assert again.refresh_token == second.refresh_token, "the one before is given the newest"
        third = (await client.refresh_session(second.refresh_token)).session
        assert third is not None
        within = (await client.refresh_session(first.refresh_token)).session
        assert within is not None, "two clients of one session at once"
        monkeypatch.setattr("sandbox.supabase.service.REUSE_SECONDS", -1.0)
        with pytest.raises(AuthApiError) as refused:
            await client.refresh_session(first.refresh_token)
        assert str(refused.value.code) == "refresh_token_already_used"
        with pytest.raises(AuthApiError) as refused:
            await client.get_user(within.access_token)
        assert refused.value.code == "session_not_found"


async def test_signing_out_ends_this_session_the_others_or_all(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as base_url, project(base_url) as one, project(base_url) as other:
        scopes: dict[Any, list[bool]] = {
            "local": [False, True], "others": [True, False], "global": [False, False],
        }  # fmt: skip
        for scope, left in scopes.items():
            tokens = [(await signed_in(client)).access_token for client in (one, other)]
            ids = {(await claims_of(token, base_url))["session_id"] for token in tokens}
            assert len(ids) == 2
            await one.sign_out({"scope": scope})
            assert [await is_good(one, token) for token in tokens] == left, scope


async def is_good(client: AsyncGoTrueClient, token: str) -> bool:
    try:
        return await client.get_user(token) is not None
    except AuthApiError as error:
        return (error.status, error.code) != (403, "session_not_found")


async def test_whoever_asks_for_what_there_is_not_gets_json(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as base_url, aiohttp.ClientSession(headers=KEY) as http:
        for method, path, words in (
            ("GET", "/auth/v1/nothing/here", "not_found"), ("PUT", "/auth/v1/otp", "not_found"),
            ("POST", "/auth/v1", "not_found"), ("GET", "/2010-04-01/Nothing.json", "20404"),
            ("GET", "/v3/nothing", "errors"), ("DELETE", "/people", "method not allowed"),
            ("GET", "/nothing", "not found"),
        ):  # fmt: skip
            async with http.request(method, f"{base_url}{path}") as response:
                assert response.status in (404, 405), path
                assert words in str(await response.json()), path


async def test_a_sign_up_that_cannot_be_is_refused_with_its_code(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as base_url, project(base_url) as client:
        for email, password, code in (
            (DEMO_EMAIL, "whatever", "user_already_exists"),
            ("new@example.com", "short", "weak_password"),
            ("not an address", "long enough", "validation_failed"),
        ):
            with pytest.raises(AuthError) as refused:
                await client.sign_up({"email": email, "password": password})
            assert refused.value.code == code


async def test_a_wrong_password_is_refused_and_the_demo_user_has_the_talkers_number(
    tmp_path: Path,
) -> None:
    async with sandbox(tmp_path) as base_url, project(base_url) as client:
        with pytest.raises(AuthApiError) as refused:
            await client.sign_in_with_password({"email": DEMO_EMAIL, "password": "wrong one"})
        assert (refused.value.status, refused.value.code) == (400, "invalid_credentials")
        session = await signed_in(client)
        assert (await claims_of(session.access_token, base_url))["phone"] == "12025550100"


async def test_users_and_keys_outlive_the_process_in_a_private_file(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as base_url, aiohttp.ClientSession(headers=KEY) as http:
        body = {"email": "ann@example.com", "password": "correct horse"}
        async with http.post(f"{base_url}/auth/v1/signup", json=body) as response:
            user_id = (await response.json())["user"]["id"]
        async with http.get(f"{base_url}/auth/v1/.well-known/jwks.json") as response:
            keys = await response.json()
    file = tmp_path / "auth.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "correct horse" not in file.read_text()
    async with sandbox(tmp_path) as base_url, aiohttp.ClientSession(headers=KEY) as http:
        path = f"{base_url}/auth/v1/token?grant_type=password"
        async with http.post(path, json=body) as response:
            assert (await response.json())["user"]["id"] == user_id
        async with http.get(f"{base_url}/auth/v1/.well-known/jwks.json") as response:
            assert await response.json() == keys


async def test_the_world_makes_an_admin_and_the_secret_key_deletes_a_user(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        demo, *staff = (await w.get("/world"))["users"]
        assert [one["app_metadata"]["role"] for one in staff] == ["admin", "operator"]
        change = {"app_metadata": {"role": "admin"}}
        async with w.http.put(f"{w.base_url}/world/users/{demo['id']}", json=change) as response:
            assert response.status == 200
        async with project(w.base_url) as client:
            session = await signed_in(client)
            claims = await claims_of(session.access_token, w.base_url)
            assert claims["app_metadata"]["role"] == "admin"
            with pytest.raises(AuthApiError):
                await client.admin.delete_user(demo["id"])
        async with project(w.base_url, SECRET_KEY) as admin:
            await admin.admin.delete_user(demo["id"])
        assert (await w.get("/world"))["users"] == staff


async def test_browsers_of_any_origin_may_ask_but_not_without_a_key(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as base_url, aiohttp.ClientSession() as http:
        asked = {"Origin": "http://a.example", "Access-Control-Request-Headers": "apikey"}
        async with http.options(f"{base_url}/auth/v1/token", headers=asked) as response:
            assert response.status in {200, 204}
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert response.headers["Access-Control-Allow-Headers"] == "apikey"
        async with http.get(f"{base_url}/auth/v1/settings") as response:
            assert response.status == 401
            assert response.headers["Access-Control-Allow-Origin"] == "*"
        async with http.get(f"{base_url}/auth/v1/settings", headers=KEY) as response:
            assert (await response.json())["mailer_autoconfirm"] is True
        async with http.get(f"{base_url}/auth/v1/user", headers=KEY) as response:
            refusal = await response.json()
            assert (response.status, refusal["error_code"]) == (401, "no_authorization")
