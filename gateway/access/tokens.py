"""Bearer tokens: short-lived, signed by the gateway, worth nothing once their caller is revoked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from gateway.access.keys import SigningKey
from gateway.access.refusals import Unauthenticated

LIFE_SECONDS = 600
REMEMBERED = 10_000  # of a few hundred bytes each; beyond that all are proven anew
_LEEWAY_SECONDS = 5  # between the clocks of several gateway hosts
_TYPE = "at+jwt"  # RFC 9068: a client assertion can never pass for an access token
_ALGORITHM = "Ed25519"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token and how long it is good for."""

    token: str = field(repr=False)
    seconds: int = LIFE_SECONDS


def grant_token(
    key: SigningKey, issuer: str, client_id: str, now: datetime, new_id: Callable[[], str]
) -> Bearer:
    """A token for this caller, good for ten minutes from `now`."""
    issued = int(now.timestamp())
    claims = {
        "iss": issuer,
        "aud": issuer,
        "sub": client_id,
        "iat": issued,
        "exp": issued + LIFE_SECONDS,
        "jti": new_id(),
    }
    header = {"alg": _ALGORITHM, "kid": key.thumbprint()}
    return Bearer(jwt.encode(header, claims, key, algorithms=[_ALGORITHM], default_type=_TYPE))


class Proofs:
    """The tokens that were seen to hold, each proven once and not with every request.

    What a token is worth changes with time and with its caller alone: both are looked at each time,
    the time here and the caller by whoever asks.
    """

    def __init__(self, key: SigningKey, issuer: str) -> None:
        self._key = key
        self._issuer = issuer
        self._seen: dict[bytes, _Proof] = {}

    def caller_of(self, token: str, now: datetime) -> str:
        """The client id a token was granted to; raise `Unauthenticated` where it does not hold."""
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        proof = self._seen.get(digest)
        if proof is None or not proof.seen_at <= now < proof.expires_at:
            proof = _prove(token, self._key, self._issuer, now)
            if len(self._seen) >= REMEMBERED:
                self._seen.clear()
            self._seen[digest] = proof
        return proof.client_id


@dataclass(frozen=True, slots=True)
class _Proof:
    client_id: str
    seen_at: datetime
    expires_at: datetime


def _prove(token: str, key: SigningKey, issuer: str, now: datetime) -> _Proof:
    try:
        signed = jwt.decode(token.encode("ascii"), key, algorithms=[_ALGORITHM])
        JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": issuer},
            sub={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        ).validate(signed.claims)
    except (JoseError, ValueError, RecursionError) as error:
        raise Unauthenticated(type(error).__name__) from None
    if signed.header.get("typ") != _TYPE or signed.header.get("kid") != key.thumbprint():
        raise Unauthenticated("not an access token of ours")
    expires_at = datetime.fromtimestamp(signed.claims["exp"], UTC)
    return _Proof(str(signed.claims["sub"]), now, expires_at)
