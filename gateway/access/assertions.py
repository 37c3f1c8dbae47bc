"""Client assertions (RFC 7523): a caller proves with its private key that it is the caller."""

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwt import JWTClaimsRegistry

from gateway.access.keys import PublicKey, SigningKey, algorithms_of
from gateway.access.refusals import InvalidClient

LIFE_SECONDS = 300
LEEWAY_SECONDS = 30
_JTI_LENGTH = 128
# jku, jwk, x5u, x5c would name another key, crit another meaning: none has a place here.
_HEADERS = frozenset({"alg", "kid", "typ"})
_TYPES = frozenset({"jwt", "client-authentication+jwt"})


@dataclass(frozen=True, slots=True)
class Assertion:
    """A verified assertion: whose it is, and what is kept so that it is used only once."""

    client_id: str
    jti_hash: str
    kept_until: datetime


def claimed_client(token: str) -> str:
    """The caller an assertion claims to come from, not yet believed."""
    try:
        claims = json.loads(jws.extract_compact(token.encode("ascii")).payload)
    except (JoseError, ValueError, RecursionError):
        raise InvalidClient("unreadable") from None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    if not isinstance(issuer, str) or not issuer:
        raise InvalidClient("no issuer")
    return issuer


def verify(
    token: str, client_id: str, key: PublicKey, audiences: tuple[str, ...], now: datetime
) -> Assertion:
    """The assertion, proven to be this client's, for us, in time; raise `InvalidClient`."""
    try:
        signed = _decoded(token, key)
        _require_header(signed.header)
        _require_claims(signed.claims, client_id, audiences, now)
    except (JoseError, ValueError, RecursionError) as error:
        raise InvalidClient(type(error).__name__) from None
    # Kept past its expiry by the leeway during which it would still be accepted.
    kept_until = datetime.fromtimestamp(signed.claims["exp"] + LEEWAY_SECONDS + 1, UTC)
    jti = signed.claims["jti"].encode("utf-8", "backslashreplace")
    return Assertion(client_id, hashlib.sha256(jti).hexdigest(), kept_until)


def sign(
    key: SigningKey, client_id: str, audience: str, now: datetime, new_id: Callable[[], str]
) -> str:
    """An assertion as a caller makes it: what `jisui token` uses, and an example to others."""
    issued = int(now.timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": issued,
        "exp": issued + LIFE_SECONDS // 5,
        "jti": new_id(),
    }
    return jwt.encode({"alg": "Ed25519"}, claims, key, algorithms=["Ed25519"])


def _decoded(token: str, key: PublicKey) -> jwt.Token:
    with warnings.catch_warnings():
        # The name EdDSA gave way to Ed25519 (RFC 9864); callers' libraries still write it.
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.decode(token.encode("ascii"), key, algorithms=algorithms_of(key))


def _require_header(header: Mapping[str, Any]) -> None:
    if not _HEADERS.issuperset(header):
        raise InvalidClient("header")
    if str(header.get("typ", "JWT")).lower() not in _TYPES:
        raise InvalidClient("typ")


def _require_claims(
    claims: Mapping[str, Any], client_id: str, audiences: tuple[str, ...], now: datetime
) -> None:
    JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": client_id},
        sub={"essential": True, "value": client_id},
        aud={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    ).validate(dict(claims))
    # One audience only: what is also meant for another could be sent here by that other.
    if claims["aud"] not in audiences and claims["aud"] not in [[ours] for ours in audiences]:
        raise InvalidClient("aud")
    if claims["exp"] > now.timestamp() + LIFE_SECONDS + LEEWAY_SECONDS:
        raise InvalidClient("lives too long")
    if len(claims["jti"]) > _JTI_LENGTH:
        raise InvalidClient("jti")
