"""Claim tickets: what they look like, and how they are told from anything else.

A ticket is the place it stands at, a subscription and a number, encrypted so that equal places
give equal tickets (AES-SIV): the same bytes on every reading, opaque, and forged by nobody.
"""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from gateway.sealing import Sealer

_PREFIX = "jct_"
_NUMBER_BYTES = 8


class Tickets:
    """Writes tickets and reads them back."""

    def __init__(self, sealer: Sealer) -> None:
        halves = (sealer.index("claim tickets", half) for half in ("first", "second"))
        self._cipher = AESSIV(bytes.fromhex("".join(halves)))

    def write(self, subscription_id: str, number: int) -> str:
        """The ticket of this place."""
        place = number.to_bytes(_NUMBER_BYTES, "big") + subscription_id.encode()
        sealed = self._cipher.encrypt(place, None)
        return _PREFIX + base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def read(self, ticket: str) -> tuple[str, int] | None:
        """Subscription and number of a ticket that we wrote; None for any other text."""
        if not ticket.startswith(_PREFIX):
            return None
        text = ticket.removeprefix(_PREFIX)
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
            place = self._cipher.decrypt(sealed, None)
        except (binascii.Error, ValueError, InvalidTag):
            return None
        number = int.from_bytes(place[:_NUMBER_BYTES], "big")
        return place[_NUMBER_BYTES:].decode(), number
