"""Where a delivery may go: one spelling of an address, and every network address behind it checked.

The spelling is strict, so that no two programs can read two hosts out of it: lower case, no user
information, no escapes in the host, no numbers but dotted decimals and bracketed IPv6.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from contracts.errors import JisuiError

PORTS = frozenset({443, 8443})
_LENGTH = 2000
_HOST_LENGTH = 253
_SPELLING = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]+)"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<target>(?:/(?:[A-Za-z0-9._~!$&'()*+,=:/-]|%[0-9A-F]{2})*)?"
    r"(?:\?(?:[A-Za-z0-9._~!$&'()*+,=:/?-]|%[0-9A-F]{2})*)?)"
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

Ip = IPv4Address | IPv6Address


class ForbiddenAddress(JisuiError):
    """Nothing is sent there; `reason` says which rule it breaks, the address is not repeated."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"不得投递到该地址 · nothing is delivered there: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its one spelling; `literal` where the host is a network address itself."""

    scheme: str
    host: str
    port: int
    target: str
    literal: Ip | None = None

    @property
    def secure(self) -> bool:
        """Whether it is reached by TLS."""
        return self.scheme == "https"

    @property
    def url(self) -> str:
        """The address as it is asked for."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.target or '/'}"


def parse_address(url: str) -> Address:
    """The address that the text spells, or raise `ForbiddenAddress`."""
    spelled = _SPELLING.fullmatch(url) if len(url) <= _LENGTH else None
    if spelled is None:
        raise ForbiddenAddress("spelling")
    scheme, host = spelled["scheme"], spelled["host"]
    port = int(spelled["port"] or (443 if scheme == "https" else 80))
    if port > 65535:
        raise ForbiddenAddress("port")
    literal = _literal(host)
    if literal is None and not _is_name(host):
        raise ForbiddenAddress("host")
    return Address(scheme, host.strip("[]"), port, spelled["target"], literal)


def check_terms(
    address: Address, hosts: Collection[str], ports: Collection[int], *, at_home: bool
) -> None:
    """Raise `ForbiddenAddress` unless scheme, host and port are allowed.

    `hosts` names those allowed, all where it is empty. An address that leads to this machine's
    loopback, `at_home`, which a network of the subscription opens, may be plain and on any port.
    """
    if hosts and address.host not in hosts:
        raise ForbiddenAddress("host")
    if at_home:
        return
    if not address.secure:
        raise ForbiddenAddress("scheme")
    if address.port not in ports:
        raise ForbiddenAddress("port")


def _literal(host: str) -> Ip | None:
    """The network address that a host is; one that any program might take for one is refused."""
    try:
        if host.startswith("["):
            return IPv6Address(host[1:-1])
        return IPv4Address(host) if _NUMBER.fullmatch(host.rsplit(".", 1)[-1]) else None
    except AddressValueError:
        raise ForbiddenAddress("host") from None


def _is_name(host: str) -> bool:
    return len(host) <= _HOST_LENGTH and all(_LABEL.fullmatch(part) for part in host.split("."))
