"""Supabase's own client at a sandbox, and its tokens by an independent verifier."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import httpx
import jwt
from supabase_auth import AsyncGoTrueClient
from supabase_auth.types import AuthFlowType, Session

from sandbox.core.settings import DEMO_EMAIL, DEMO_PASSWORD, PUBLISHABLE_KEY

KEY = {"apikey": PUBLISHABLE_KEY}


@contextlib.asynccontextmanager
async def project(
    base_url: str, key: str = PUBLISHABLE_KEY, flow: AuthFlowType = "implicit"
) -> AsyncIterator[AsyncGoTrueClient]:
    """Supabase's own sign-in client, as its `create_client` sets it up."""
    headers = {"apikey": key, "Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient() as http:
        yield AsyncGoTrueClient(
            url=f"{base_url}/auth/v1",
            headers=headers,
            http_client=http,
            auto_refresh_token=False,
            flow_type=flow,
        )


async def claims_of(token: str, base_url: str) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{base_url}/auth/v1/.well-known/jwks.json") as response,
    ):
        keys = jwt.PyJWKSet.from_dict(await response.json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    issuer = f"{base_url}/auth/v1"
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=["ES256"], audience="authenticated", issuer=issuer
    )
    return claims


async def signed_in(
    client: AsyncGoTrueClient, email: str = DEMO_EMAIL, password: str = DEMO_PASSWORD
) -> Session:
    """A new session of somebody."""
    found = await client.sign_in_with_password({"email": email, "password": password})
    assert found.session is not None
    return found.session


async def sent_to(base_url: str, to: str) -> dict[str, Any]:
    """The last message that would have gone to this address or number."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{base_url}/world/sign_in_messages") as response,
    ):
        messages: list[dict[str, Any]] = await response.json()
    return next(one for one in reversed(messages) if one["to"] == to)
