"""A page as it travels: its bytes, their digest and tag, and the id it is signed under."""

import base64
import gzip
from dataclasses import dataclass, field
from hashlib import sha256

from gateway.feed.reading import Page
from gateway.web.preconditions import entity_tag

MEDIA_TYPE = "application/cloudevents-batch+json"
WORTH_IT = 512  # bytes: what is shorter grows
_FASTEST = 1


@dataclass(frozen=True, slots=True)
class Encoded:
    """A page's content as it is sent, and its strong tag, which tells the codings apart."""

    content: bytes = field(repr=False)
    sha256: bytes
    tag: str
    coding: str = ""

    @property
    def digest(self) -> str:
        """The value of `Content-Digest` (RFC 9530): over the content as sent."""
        return f"sha-256=:{base64.b64encode(self.sha256).decode()}:"


def encode(body: bytes, *, compressed: bool) -> Encoded:
    """The page plain or in gzip; equal events give equal bytes either way."""
    hashed = sha256(body)
    if not compressed or len(body) < WORTH_IT:
        return Encoded(body, hashed.digest(), entity_tag(hashed.hexdigest()))
    content = gzip.compress(body, _FASTEST, mtime=0)
    tag = entity_tag(f"{hashed.hexdigest()}-gzip")
    return Encoded(content, sha256(content).digest(), tag, "gzip")


def message_id(subscription_id: str, after: int, page: Page) -> str:
    """The id a page is signed under: it names range and head, so that both are signed with it."""
    return f"{subscription_id}-{after}-{page.last}-{page.head}"
