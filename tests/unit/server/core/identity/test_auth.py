"""Access tokens: a signed-in user of our issuer gets in, and nobody else."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from server.accounts.addresses import own_addresses
from server.core.errors import AppError
from server.core.identity.auth import Keys, identify, identity
from server.core.settings.vendors import Auth
from tests.support.web_server import serving

SETTINGS = Auth(issuer="http://127.0.0.1:1/auth/v1")
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
USER = uuid.uuid4()


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())  # noqa: TID251 - tokens are judged by the wall clock
    whole = {
        "sub": str(USER), "aud": "authenticated", "role": "authenticated", "iat": now,
        "iss": SETTINGS.issuer, "exp": now + 600, "email": "someone@example.com",
        "phone": "12025550100", "app_metadata": {}, "is_anonymous": False,
    }  # fmt: skip
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def token(payload: dict[str, Any], key: Any = KEY, kid: str = "k1", alg: str = "ES256") -> str:
    return jwt.encode(payload, key, algorithm=alg, headers={"kid": kid})


class PresetKeys(Keys):
    """The issuer's key set as it would be after a fetch."""

    async def find(self, kid: str) -> jwt.PyJWK | None:
        if kid != "k1":
            return None
        public = jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        return jwt.PyJWK({**public, "alg": "ES256"})


async def who(text: str) -> Any:
    async with aiohttp.ClientSession() as http:
        return await identify(text, PresetKeys(http, SETTINGS, lambda: 0.0), SETTINGS)


async def test_a_signed_in_user_is_known_with_number_and_claims() -> None:
    found = await who(token(claims()))
    assert (found.user_id, found.phone, found.admin) == (USER, "+12025550100", False)
    assert found.claims["sub"] == str(USER)


async def test_only_app_metadata_makes_an_administrator() -> None:
    rights = {"app_metadata": {"role": "admin"}, "aal": "aal2"}
    found = await who(token(claims(**rights)))
    assert (found.admin, found.operator) == (True, False)
    assert not (await who(token(claims(user_metadata={"role": "admin"}, aal="aal2")))).admin


def test_an_operator_also_sees() -> None:
    found = identity(claims(app_metadata={"role": "operator"}, aal="aal2"))
    assert (found.admin, found.operator) == (True, True)


@pytest.mark.parametrize("role", ["admin", "operator"])
@pytest.mark.parametrize("aal", ["aal1", None, 2, ""])
def test_without_a_second_factor_nobody_has_rights_over_others(role: str, aal: Any) -> None:
    given = claims(app_metadata={"role": role, "provider": "email"}, aal=aal)
    found = identity(given)
    assert (found.admin, found.operator, found.lacks_second_factor) == (False, False, True)
    assert found.claims["app_metadata"]["role"] is None, "row level security reads the claims"
    assert identity(found.claims).admin is False
    assert identity(given, 1).admin


@pytest.mark.parametrize(
    ("said", "own"),
    [
        ({}, ["+12025550100", "someone@example.com"]),
        ({"email_verified": False}, ["+12025550100"]),
        ({"user_metadata": {"email_verified": False}}, ["+12025550100"]),
        ({"user_metadata": {"email_verified": True}, "email_verified": False}, ["+12025550100"]),
        ({"email_verified": 0}, ["+12025550100"]),
        ({"email_verified": "False"}, ["+12025550100"]),
        ({"email_verified": []}, ["+12025550100"]),
        ({"email_verified": None}, ["+12025550100", "someone@example.com"]),
        ({"email_verified": "true"}, ["+12025550100", "someone@example.com"]),
        ({"user_metadata": {"phone_verified": False}}, ["someone@example.com"]),
        ({"user_metadata": {"email_verified": True, "phone_verified": False}},
         ["someone@example.com"]),
    ],
)  # fmt: skip
def test_what_is_not_verified_is_not_ones_own(said: dict[str, Any], own: list[str]) -> None:
    assert own_addresses(identity(claims(**said))) == own


@pytest.mark.parametrize(
    "payload",
    [
        claims(aud="anon"), claims(aud=None), claims(iss="http://127.0.0.1:1/auth/v1x"),
        claims(iss=None), claims(exp=1), claims(exp=None), claims(sub=None), claims(sub="nobody"),
        claims(role="anon"), claims(role="service_role"), claims(is_anonymous=True),
        claims(exp=10**400), claims(exp=10**15), claims(exp=[]), claims(nbf=10**12),
        claims(sub=USER.urn), claims(sub=f"{{{USER}}}"), claims(sub=USER.hex),
        claims(aud=[]), claims(aud=["authenticated", 5]),
    ],
)  # fmt: skip
async def test_a_token_of_anything_else_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(AppError) as refused:
        await who(token(payload))
    assert refused.value.code == "unauthenticated"


async def test_of_odd_claims_nothing_is_taken_that_a_database_would_refuse() -> None:
    odd = claims(email=["a@example.com"], phone=12025550100, user_metadata={"name": "a\ud800\0"})
    found = await who(token(odd))
    assert (found.email, found.phone) == (None, None)
    assert found.claims["user_metadata"] == {"name": "a"}


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "a.b.c", token(claims(), OTHER), token(claims(), kid="k2"),
        token(claims(), "0123456789abcdef0123456789abcdef", alg="HS256"),
        jwt.encode(claims(), "", algorithm="none", headers={"kid": "k1"}),
        token(claims()) + "x" * 9000,
    ],
)  # fmt: skip
async def test_a_forged_token_is_refused(text: str) -> None:
    with pytest.raises(AppError) as refused:
        await who(text)
    assert refused.value.code == "unauthenticated"


def test_a_ticket_s_claims_make_the_same_identity() -> None:
    assert identity(claims()).user_id == USER


class Issuer:
    """The issuer's page of keys, at a port of its own."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200
        self.body: Any = {"keys": [public_key("k1")]}

    async def page(self, _request: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response(self.body, status=self.status)


def public_key(kid: str) -> dict[str, Any]:
    public = jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    return {**public, "alg": "ES256", "kid": kid}


@asynccontextmanager
async def asking(issuer: Issuer, clock: Callable[[], float]) -> AsyncIterator[Keys]:
    app = web.Application()
    app.router.add_get("/auth/v1/.well-known/jwks.json", issuer.page)
    async with serving(app) as origin, aiohttp.ClientSession() as http:
        yield Keys(http, Auth(issuer=f"{origin}/auth/v1"), clock)


async def test_keys_are_asked_for_once_however_many_wait() -> None:
    issuer = Issuer()
    async with asking(issuer, lambda: 0.0) as keys:
        found = await asyncio.gather(*(keys.find("k1") for _ in range(20)))
        assert all(found)
    assert issuer.asked == 1


@pytest.mark.parametrize(
    ("status", "body"), [(500, {}), (200, []), (200, {}), (200, {"keys": "k1"})]
)
async def test_an_issuer_that_cannot_say_is_no_reason_to_sign_anybody_out(
    status: int, body: Any
) -> None:
    now = 0.0
    issuer = Issuer()
    well = issuer.body
    issuer.status, issuer.body = status, body
    async with asking(issuer, lambda: now) as keys:
        for _ in range(3):
            with pytest.raises(AppError) as refused:
                await keys.find("k1")
            assert refused.value.code == "unavailable"
        assert issuer.asked == 1
        issuer.status, issuer.body = 200, well
        now = 2.0
        assert await keys.find("k1") is not None
        issuer.status, issuer.body = status, body
        now = 10_000.0
        assert await keys.find("k1") is not None  # the last good set is kept
        now = 10_020.0
        assert await keys.find("k1") is not None  # and nobody waits for another each second
        assert issuer.asked == 3
        now = 10_031.0
        assert await keys.find("k1") is not None
    assert issuer.asked == 4


async def test_an_unknown_key_makes_us_ask_again_but_not_all_the_time() -> None:
    now = 0.0
    issuer = Issuer()
    async with asking(issuer, lambda: now) as keys:
        assert await keys.find("k1")
        issuer.body = {"keys": [public_key("k2")]}
        assert await keys.find("k2")  # at once
        for number in range(10):
            assert await keys.find(f"made up {number}") is None
        assert issuer.asked == 2
        issuer.body = {"keys": [public_key("k3")]}
        now = 6.0
        assert await keys.find("k3")
    assert issuer.asked == 3


async def test_a_node_that_starts_has_the_keys_before_anybody_comes() -> None:
    issuer = Issuer()
    async with asking(issuer, lambda: 0.0) as keys:
        issuer.status = 500
        await keys.warm()
        issuer.status = 200
        assert await keys.find("k1")
    async with asking(issuer, lambda: 0.0) as keys:
        await keys.warm()
        issuer.status = 500
        assert await keys.find("k1")


async def test_keys_of_other_kinds_are_left_out() -> None:
    issuer = Issuer()
    issuer.body["keys"] += [
        "k2", None, {}, {"kty": "oct", "k": "AAAA", "kid": "k3"}, {"kty": "EC", "kid": "k4"},
        {"kty": "OKP", "crv": "X25519", "x": "AAAA", "kid": "k5"},
        {"kty": "RSA", "alg": "RSA-OAEP", "kid": "k8"}, public_key("k6") | {"crv": "P-0"},
        public_key("k7") | {"alg": "ECDH-ES"},
        public_key("k9") | {"kid": 9}, public_key("k10") | {"x": 1},
        public_key("k11") | {"alg": "none"}, public_key("k12") | {"alg": ["ES256"]},
        public_key("k13") | {"use": "enc"}, {"kty": ["EC"], "kid": "k14"},
        {"kty": {}, "kid": "k15"}, public_key("k1") | {"kid": ["k1"]},
        public_key("k1") | {"kid": {}},
    ]  # fmt: skip
    async with asking(issuer, lambda: 0.0) as keys:
        assert await keys.find("k1")
        for number in range(2, 16):
            assert await keys.find(f"k{number}") is None
