"""The platform's signature: MD5 over key, secret and time, written one after the other."""

import hashlib
from datetime import datetime


def sign(app_key: str, secret: str, request_time: str) -> str:
    """The signature of one request, in lower-case hexadecimal digits."""
    signed = f"{app_key}{secret}{request_time}".encode()
    # The platform's choice; the secrecy of what is sent rests on TLS.
    return hashlib.md5(signed, usedforsecurity=False).hexdigest()


def request_time(at: datetime) -> str:
    """The instant as the platform writes it: milliseconds since 1970."""
    return str(int(at.timestamp() * 1000))


def signed(app_key: str, secret: str, at: datetime) -> dict[str, str]:
    """What proves a request to be ours: key, signature and time, under the platform's names."""
    time = request_time(at)
    return {"appKey": app_key, "sign": sign(app_key, secret, time), "requestTime": time}
