"""Standard Webhooks: the headers a subscriber knows us by, over the bytes as they are sent."""

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.feed.subscribing.secrets import HMAC_PREFIX, Secrets

Sign = Callable[[bytes], str]
"""What gives one signature with its version, `v1,…`; further suites are further ones of these."""


def signers(secrets: Secrets) -> tuple[Sign, ...]:
    """One for every secret in force, the newest first, then one for every Ed25519 key."""
    keys = (_by_key(key) for key in secrets.signing_keys)
    return (*(_by_secret(secret) for secret in secrets.hmac), *keys)


def signed_headers(
    signing: Sequence[Sign], message_id: str, at: datetime, body: bytes
) -> dict[str, str]:
    """Id, time and signatures of one message; any one signature that fits is enough."""
    if "." in message_id:
        raise ValueError("an id with a dot would let its end be read as the time")
    seconds = int(at.timestamp())
    content = b"%s.%d.%s" % (message_id.encode(), seconds, body)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(sign(content) for sign in signing),
    }


def _by_secret(secret: str) -> Sign:
    try:
        key = base64.b64decode(secret.removeprefix(HMAC_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a secret is no base64") from None
    return lambda content: f"v1,{_text(hmac.digest(key, content, 'sha256'))}"


def _by_key(key: Ed25519PrivateKey) -> Sign:
    return lambda content: f"v1a,{_text(key.sign(content))}"


def _text(signature: bytes) -> str:
    return base64.b64encode(signature).decode()
