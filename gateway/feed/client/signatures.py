"""Standard Webhooks: whether a delivery or a page was signed by the gateway, and lately."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence

from gateway.feed.client.ed25519 import verifies

TOLERANCE_SECONDS = 300
SECRET, PUBLIC = "whsec_", "whpk_"
_STAMP = re.compile(r"[0-9]{1,12}")


class Forged(Exception):
    """Nothing that carries our secret or fits our key signed this, or not lately."""


def require_signed(headers: Mapping[str, str], body: bytes, keys: Sequence[str], now: float) -> str:
    """The id of a message signed under one of these keys; else raise `Forged`.

    A key is `whsec_…` for `v1` or `whpk_…` for `v1a`; `body` is as it was signed, undecoded JSON.
    """
    told = {name.lower(): value for name, value in headers.items()}
    named, stamp = told.get("webhook-id", ""), told.get("webhook-timestamp", "")
    if not named or "." in named or not _STAMP.fullmatch(stamp):
        raise Forged("id or timestamp")
    if abs(now - int(stamp)) > TOLERANCE_SECONDS:
        raise Forged("too old, or ahead of us")
    message = b".".join((named.encode(), stamp.encode(), body))
    proofs = [proof.partition(",") for proof in told.get("webhook-signature", "").split()]
    if not any(_fits(key, version, proof, message) for key in keys for version, _, proof in proofs):
        raise Forged("no signature fits")
    return named


def _fits(key: str, version: str, proof: str, message: bytes) -> bool:
    try:
        signature = base64.b64decode(proof, validate=True)
        if version == "v1" and key.startswith(SECRET):
            secret = base64.b64decode(key.removeprefix(SECRET), validate=True)
            return hmac.compare_digest(hmac.digest(secret, message, "sha256"), signature)
        if version == "v1a" and key.startswith(PUBLIC):
            public = base64.b64decode(key.removeprefix(PUBLIC), validate=True)
            return verifies(public, message, signature)
    except binascii.Error:
        return False
    return False
