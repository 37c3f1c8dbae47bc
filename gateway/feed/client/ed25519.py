"""Whether an Ed25519 signature is good (RFC 8032, section 5.1.7), with the standard library alone.

Nothing here is secret, so that it need not take the same time for every input.
"""

import hashlib
from typing import NamedTuple

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)


class _Point(NamedTuple):
    """Extended homogeneous coordinates: x = X/Z, y = Y/Z, x * y = T/Z."""

    x: int
    y: int
    z: int
    t: int


def verifies(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of this key signed this message."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, nonce = _decoded(public_key), _decoded(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or scalar >= _ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + public_key + message).digest()
    challenge = int.from_bytes(hashed, "little") % _ORDER
    return _same(_times(scalar, _BASE), _sum(nonce, _times(challenge, key)))


def _decoded(encoded: bytes) -> _Point | None:
    """The point these 32 bytes stand for, if they stand for one."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return _Point(x, y, 1, x * y % _P)


def _sum(one: _Point, other: _Point) -> _Point:
    a = (one.y - one.x) * (other.y - other.x) % _P
    b = (one.y + one.x) * (other.y + other.x) % _P
    c = 2 * one.t * other.t * _D % _P
    d = 2 * one.z * other.z % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return _Point(e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(scalar: int, point: _Point) -> _Point:
    total = _Point(0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _sum(total, point)
        point = _sum(point, point)
        scalar >>= 1
    return total


def _same(one: _Point, other: _Point) -> bool:
    across = (one.x * other.z - other.x * one.z) % _P
    upward = (one.y * other.z - other.y * one.z) % _P
    return across == 0 == upward


_BASE_Y = 4 * pow(5, -1, _P) % _P
_DECODED_BASE = _decoded(_BASE_Y.to_bytes(32, "little"))
assert _DECODED_BASE is not None
_BASE: _Point = _DECODED_BASE
