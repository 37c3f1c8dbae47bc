"""The platform's signature: HMAC-SHA256 in two steps, and the day secret hidden under our key."""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from adapters.population.national.registration import Subscription

_SECRET = re.compile(r"[0-9a-fA-F]{32}")
_BLOCK_BITS = 128


def stamp(subscription: Subscription, key: str, at: datetime) -> dict[str, str]:
    """The four fields that sign a call: who, for what, when (epoch ms), and the signature."""
    service, requester = subscription.service.code, subscription.requester
    asked_at = str(int(at.timestamp() * 1000))
    return {
        "gjgxjhpt_rid": requester,
        "gjgxjhpt_sid": service,
        "gjgxjhpt_rtime": asked_at,
        "gjgxjhpt_sign": sign(key, service, requester, asked_at),
    }


def sign(key: str, service: str, requester: str, asked_at: str) -> str:
    """The signature: service, requester and time run together without a separator."""
    message = f"{service}{requester}{asked_at}".encode()
    return base64.b64encode(hmac.digest(key.encode(), message, "sha256")).decode()


def secret_key(app_key: str) -> bytes:
    """The AES key over the day secret.

    Java's SHA1PRNG, seeded with the app key, gives as its first sixteen bytes those of the key's
    SHA-1 hashed once more.
    """
    seeded = hashlib.sha1(app_key.encode(), usedforsecurity=False).digest()
    return hashlib.sha1(seeded, usedforsecurity=False).digest()[:16]


def open_secret(sealed: str, app_key: str) -> str:
    """The day secret, 32 hexadecimal characters; `ValueError` where it is not one of ours."""
    decryptor = _cipher(app_key).decryptor()
    unpadder = PKCS7(_BLOCK_BITS).unpadder()
    try:
        padded = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        secret = (unpadder.update(padded) + unpadder.finalize()).decode("ascii")
    except (binascii.Error, ValueError):
        raise ValueError("no secret") from None
    if not _SECRET.fullmatch(secret):
        raise ValueError("no secret")
    return secret


def seal_secret(secret: str, app_key: str) -> str:
    """The day secret as the platform sends it."""
    padder, encryptor = PKCS7(_BLOCK_BITS).padder(), _cipher(app_key).encryptor()
    padded = padder.update(secret.encode()) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def _cipher(app_key: str) -> Cipher[modes.ECB]:
    # ECB is the platform's choice; what it hides is two blocks of random characters.
    return Cipher(algorithms.AES128(secret_key(app_key)), modes.ECB())  # noqa: S305
