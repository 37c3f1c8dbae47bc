"""A page as it travels: its bytes, their digest and tag, and what signs them."""

import base64
import gzip
import hmac
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from gateway.feed.reading import Page
from gateway.feed.subscribing.secrets import HMAC_PREFIX, Secrets
from gateway.web.preconditions import entity_tag

MEDIA_TYPE = "application/cloudevents-batch+json"
_FASTEST = 1


@dataclass(frozen=True, slots=True)
class Encoded:
    """A page's content as it is sent, and its strong tag, which tells the codings apart."""

    content: bytes
    tag: str
    coding: str = ""

    @property
    def digest(self) -> str:
        """The value of `Content-Digest` (RFC 9530): over the content as sent."""
        return f"sha-256=:{base64.b64encode(sha256(self.content).digest()).decode()}:"


def encode(body: bytes, *, compressed: bool) -> Encoded:
    """The page plain or in gzip; equal events give equal bytes either way."""
    name = sha256(body).hexdigest()
    if not compressed:
        return Encoded(body, entity_tag(name))
    content = gzip.compress(body, _FASTEST, mtime=0)
    return Encoded(content, entity_tag(f"{name}-gzip"), "gzip")


def signed(
    subscription_id: str, page: Page, after: int, secrets: Secrets, now: datetime
) -> dict[str, str]:
    """The Standard Webhooks headers over the events before any coding, as a delivery has them.

    The id names the range and the head, so that both are signed with the events.
    """
    named = f"{subscription_id}-{after}-{page.last}-{page.head}"
    stamp = str(int(now.timestamp()))
    message = b".".join((named.encode(), stamp.encode(), page.body))
    proofs = [f"v1,{_hmac(secret, message)}" for secret in secrets.hmac]
    proofs.append(f"v1a,{base64.b64encode(secrets.signing_key.sign(message)).decode()}")
    return {
        "webhook-id": named,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(proofs),
    }


def _hmac(secret: str, message: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(HMAC_PREFIX))
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()
