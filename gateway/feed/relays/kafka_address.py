"""The address of a Kafka cluster: `kafka://host:9092,host:9092`, or `kafkas://` over TLS.

A name and a password before the hosts are proven by SCRAM-SHA-512, which sends no password.
"""

import ssl
from typing import Any
from urllib.parse import unquote, urlsplit

SECONDS = 10


def kafka_options(url: str) -> dict[str, Any]:
    """How each of the three clients connects to the cluster at this address."""
    address = urlsplit(url)
    named, _, servers = address.netloc.rpartition("@")
    name, _, password = named.partition(":")
    encrypted = address.scheme == "kafkas"
    options = {
        "bootstrap_servers": servers.split(","),
        "request_timeout_ms": SECONDS * 1000,
        "security_protocol": _protocol(encrypted, bool(named)),
        "ssl_context": ssl.create_default_context() if encrypted else None,
    }
    if not named:
        return options
    return options | {
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": unquote(name),
        "sasl_plain_password": unquote(password),
    }


def _protocol(encrypted: bool, named: bool) -> str:
    return ("SASL_" if named else "") + ("SSL" if encrypted else "PLAINTEXT")
