"""Obtains a bearer token the way every caller does: by an assertion under its own key."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from joserfc.jwk import OKPKey

from adapters.transport import Client
from gateway.access.assertions import sign
from gateway.demo.clerk import ask

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_GRANT = {
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
}


async def fetch_token(
    client: Client,
    caller: Mapping[str, Any],
    audience: str,
    now: datetime,
    new_id: Callable[[], str],
) -> str:
    """A bearer token for a caller given by its `client_id` and its private `key`."""
    key = OKPKey.import_key(caller["key"])
    assertion = sign(key, caller["client_id"], audience, now, new_id)
    form = urlencode(_GRANT | {"client_assertion": assertion}).encode()
    answer = await ask(client, "POST", "/v1/token", form, _FORM)
    token: str = answer["access_token"]
    return token
