"""Attacks on the way in: what a client assertion may not be."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from gateway.access.assertions import sign
from gateway.access.callers import revoke
from gateway.access.keys import SigningKey, new_key
from gateway.access.refusals import InvalidClient
from tests.access.desk import ISSUER, TOKEN_ADDRESS, Desk, add, caller_like

KEY = new_key()
OTHER_KEY = new_key()


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def claims_at(now: float, **changes: Any) -> dict[str, Any]:
    claims = {
        "iss": "school-1",
        "sub": "school-1",
        "aud": TOKEN_ADDRESS,
        "iat": int(now),
        "exp": int(now) + 60,
        "jti": "one",
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def signed(claims: dict[str, Any], key: SigningKey = KEY, **header: Any) -> str:
    """A token over exactly these claims and headers, true or not, by this key."""
    head = {"alg": "Ed25519", "typ": "JWT", **header}
    text = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{text}.{b64(key.private_key.sign(text.encode()))}"


def by_hmac(claims: dict[str, Any], secret: bytes) -> str:
    head = json.dumps({"alg": "HS256"}).encode()
    text = f"{b64(head)}.{b64(json.dumps(claims).encode())}"
    return f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


@pytest.fixture
async def school(desk: Desk) -> Desk:
    await add(desk, caller_like(public_key=KEY.as_dict(private=False)))
    return desk


async def test_a_proper_assertion_is_answered_with_a_token_and_put_on_record(school: Desk):
    assertion = sign(KEY, "school-1", TOKEN_ADDRESS, school.clock.now(), school.new_id)
    bearer = await school.access.issue(assertion, "trace-1")
    assert bearer.seconds == 600
    assert bearer.token not in repr(bearer)
    (entry,) = await school.entries()
    assert (entry["action"], entry["caller"], entry["request"]) == (
        "token.issued",
        "school-1",
        "trace-1",
    )


@pytest.mark.parametrize("header", [{"alg": "EdDSA"}, {"kid": "any"}, {"typ": "jwt"}])
@pytest.mark.parametrize("audience", [TOKEN_ADDRESS, ISSUER, [TOKEN_ADDRESS]])
async def test_what_the_standards_allow_is_accepted(school: Desk, header: Any, audience: Any):
    now = school.clock.now().timestamp()
    assert await school.access.issue(signed(claims_at(now, aud=audience), **header), "t")


async def test_a_p256_key_signs_with_es256(desk: Desk):
    key = ECKey.generate_key("P-256")
    await add(desk, caller_like(public_key=key.as_dict(private=False)))
    claims = claims_at(desk.clock.now().timestamp())
    assertion = jwt.encode({"alg": "ES256"}, claims, key, algorithms=["ES256"])
    assert await desk.access.issue(assertion, "t")


CLAIM_ATTACKS: dict[str, dict[str, Any]] = {
    "no exp": {"exp": None},
    "no jti": {"jti": None},
    "no aud": {"aud": None},
    "no sub": {"sub": None},
    "no iss": {"iss": None},
    "expired": {"exp": -31},
    "lives too long": {"exp": 331},
    "exp is no number": {"exp": "tomorrow"},
    "exp is beyond time": {"exp": 10**30},
    "exp is infinite": {"exp": float("inf")},
    "exp is NaN": {"exp": float("nan")},
    "exp is true": {"exp": True},
    "future iat": {"iat": 31},
    "future nbf": {"nbf": 31},
    "other audience": {"aud": "https://elsewhere.invalid/v1/token"},
    "audience by prefix": {"aud": TOKEN_ADDRESS + "/x"},
    "also for another": {"aud": [TOKEN_ADDRESS, "https://elsewhere.invalid"]},
    "audience is a set": {"aud": {"aud": TOKEN_ADDRESS}},
    "other subject": {"sub": "school-2"},
    "unknown caller": {"iss": "school-2", "sub": "school-2"},
    "caller is a list": {"iss": ["school-1"], "sub": ["school-1"]},
    "empty jti": {"jti": ""},
    "jti is a number": {"jti": 7},
    "jti is endless": {"jti": "x" * 129},
}


@pytest.mark.parametrize("changes", CLAIM_ATTACKS.values(), ids=CLAIM_ATTACKS.keys())
async def test_an_assertion_that_claims_amiss_is_refused(school: Desk, changes: dict[str, Any]):
    now = school.clock.now().timestamp()
    relative = {
        name: now + value
        if name in ("exp", "iat", "nbf") and type(value) is int and abs(value) < 10**6
        else value
        for name, value in changes.items()
    }
    claims = claims_at(now)
    claims.update(relative)
    claims = {name: value for name, value in claims.items() if value is not None}
    with pytest.raises(InvalidClient):
        await school.access.issue(signed(claims), "t")
    assert await school.entries() == []


HEADER_ATTACKS: dict[str, dict[str, Any]] = {
    "alg none": {"alg": "none"},
    "alg None": {"alg": "None"},
    "other alg": {"alg": "ES256"},
    "no such alg": {"alg": "Ed448"},
    "alg is a list": {"alg": ["Ed25519"]},
    "own key along": {"jwk": OTHER_KEY.as_dict(private=False)},
    "key from an address": {"jku": "https://elsewhere.invalid/keys"},
    "certificate from an address": {"x5u": "https://elsewhere.invalid/chain"},
    "certificate along": {"x5c": ["AAAA"]},
    "critical extension": {"crit": ["exp"], "exp": 1},
    "unencoded payload": {"b64": False, "crit": ["b64"]},
    "kid is a path": {"kid": ["../../etc/passwd"]},
    "an access token": {"typ": "at+jwt"},
    "unknown header": {"zip": "DEF"},
}


@pytest.mark.parametrize("header", HEADER_ATTACKS.values(), ids=HEADER_ATTACKS.keys())
async def test_an_assertion_with_a_tricky_header_is_refused(school: Desk, header: dict[str, Any]):
    now = school.clock.now().timestamp()
    with pytest.raises(InvalidClient):
        await school.access.issue(signed(claims_at(now), **header), "t")


FORGERIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "signed by another key": lambda claims: signed(claims, OTHER_KEY),
    "signed by another key it names": lambda claims: signed(
        claims, OTHER_KEY, kid=KEY.thumbprint()
    ),
    "public key as HMAC secret, raw": lambda claims: by_hmac(
        claims, KEY.public_key.public_bytes_raw()
    ),
    "public key as HMAC secret, JWK": lambda claims: by_hmac(
        claims, json.dumps(KEY.as_dict(private=False)).encode()
    ),
    "empty HMAC secret": lambda claims: by_hmac(claims, b""),
    "signature cut off": lambda claims: signed(claims).rpartition(".")[0] + ".",
    "two parts": lambda claims: signed(claims).rpartition(".")[0],
    "claims exchanged": lambda claims: ".".join(
        [
            signed(claims).split(".")[0],
            b64(json.dumps({**claims, "jti": "2"}).encode()),
            signed(claims).split(".")[2],
        ]
    ),
    "not base64": lambda claims: "a.b.c",
    "empty": lambda claims: "",
    "not ASCII": lambda claims: "令牌." + signed(claims),
    "endless": lambda claims: signed({**claims, "more": "x" * 200_000}),
    "claims are a list": lambda claims: signed([claims]),  # type: ignore[arg-type]
    "claims too deep": lambda claims: ".".join(
        [b64(b'{"alg":"Ed25519"}'), b64(b"[" * 100_000), ""]
    ),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_forged_assertion_is_refused(school: Desk, forge: Callable[[dict[str, Any]], str]):
    claims = claims_at(school.clock.now().timestamp())
    with pytest.raises(InvalidClient):
        await school.access.issue(forge(claims), "t")


async def test_an_assertion_counts_once_even_when_sent_many_times_at_once(
    desk_on_each_engine: Desk,
):
    desk = desk_on_each_engine
    await add(desk, caller_like(public_key=KEY.as_dict(private=False)))
    assertion = signed(claims_at(desk.clock.now().timestamp()))
    asked = [desk.access.issue(assertion, "t") for _ in range(6)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert len([answer for answer in answers if isinstance(answer, InvalidClient)]) == 5
    actions = sorted(entry["action"] for entry in await desk.entries())
    assert actions == ["token.issued"] + ["token.refused"] * 5


async def test_an_assertion_is_still_remembered_while_the_leeway_would_accept_it(school: Desk):
    assertion = signed(claims_at(school.clock.now().timestamp(), jti="kept"))
    await school.access.issue(assertion, "t")
    school.clock.advance(89)
    # Another assertion cleans up; the first must not be forgotten by that.
    await school.access.issue(signed(claims_at(school.clock.now().timestamp(), jti="2")), "t")
    with pytest.raises(InvalidClient):
        await school.access.issue(assertion, "t")


async def test_a_closed_caller_gets_no_token(school: Desk):
    async with school.database.transaction() as connection:
        await revoke(connection, "school-1")
    with pytest.raises(InvalidClient):
        await school.access.issue(signed(claims_at(school.clock.now().timestamp())), "t")


async def test_an_access_token_is_no_assertion(school: Desk):
    with pytest.raises(InvalidClient):
        await school.access.issue(school.access.grant_token("school-1").token, "t")
