"""Keys for signing: which public keys a caller may register, and the gateway's own."""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from contracts.errors import JisuiError

PublicKey = OKPKey | ECKey
SigningKey = OKPKey


class InvalidKey(JisuiError):
    """Not a public Ed25519 or P-256 key."""


def public_key(jwk: Mapping[str, Any]) -> PublicKey:
    """The public key in a JWK; raise `InvalidKey` for any other kind or for a private one."""
    if jwk.get("d") is not None:
        raise InvalidKey("a private key was sent; it must never leave its owner")
    kind = (jwk.get("kty"), jwk.get("crv"))
    members = {name: jwk[name] for name in ("kty", "crv", "x", "y") if name in jwk}
    try:
        if kind == ("OKP", "Ed25519"):
            return OKPKey.import_key(members)
        if kind == ("EC", "P-256"):
            return ECKey.import_key(members)
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidKey(type(error).__name__) from None
    raise InvalidKey("only Ed25519 and P-256 are accepted")


def algorithms_of(key: PublicKey) -> tuple[str, ...]:
    """The algorithms a signature by this key may name: decided by the key, never by the token."""
    return ("ES256",) if isinstance(key, ECKey) else ("Ed25519", "EdDSA")


def signing_key(seed: bytes) -> SigningKey:
    """The gateway's Ed25519 key from its 32 secret bytes."""
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))


def new_key() -> SigningKey:
    """A fresh Ed25519 key pair, for those who have none yet."""
    return OKPKey.generate_key("Ed25519")
