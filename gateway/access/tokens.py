"""Bearer tokens: short-lived, signed by the gateway, worth nothing once their caller is revoked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from gateway.access.keys import SigningKey
from gateway.access.refusals import Unauthenticated

LIFE_SECONDS = 600
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


def caller_of(token: str, key: SigningKey, issuer: str, now: datetime) -> str:
    """The client id a token was granted to; raise `Unauthenticated` where it does not hold."""
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
    return str(signed.claims["sub"])
