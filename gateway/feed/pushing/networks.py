"""Which network addresses nothing is sent to, and which of them a subscription may open."""

import asyncio
import csv
import errno
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from contracts.errors import Unavailable
from gateway.feed.pushing.addresses import Address, ForbiddenAddress, Ip, check_terms

_FILE = Path(__file__).parent / "denied_networks.csv"
_LOOK_UP_SECONDS = 5.0

Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
IsOurs = Callable[[Ip], bool]


@dataclass(frozen=True, slots=True)
class Denied:
    """A network nothing is sent to; `openable` by a network that a subscription names."""

    network: Network
    what: str
    openable: bool


def load_denied(file: Path = _FILE) -> tuple[Denied, ...]:
    """Every denied network; raise `ValueError` for a row that is none."""
    with file.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Denied(ip_network(row["network"]), row["what"], row["openable"] == "yes")
            for row in csv.DictReader(lines, strict=True)
        )


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every network address that the machine's resolver has for a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[4][0]) for place in found]


def is_ours(address: Ip) -> bool:
    """Whether the address is one of this machine's own: only such a one can be bound."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as bound:
            bound.bind((str(address), 0))
    except OSError as error:
        # Where the family is not spoken at all, nothing can be sent there either.
        return error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
    return True


@dataclass(frozen=True, slots=True)
class Border:
    """What may be passed on the way out: hosts, ports, networks; asked before every attempt."""

    hosts: frozenset[str]
    ports: frozenset[int]
    denied: tuple[Denied, ...]
    resolve: Resolve
    is_ours: IsOurs

    async def cross(self, address: Address, networks: Sequence[str]) -> frozenset[str]:
        """The network addresses behind an address, all of them allowed.

        Raises `ForbiddenAddress` where a single one is not, `Unavailable` where there are none.
        """
        found = [address.literal] if address.literal else await self._look_up(address)
        opened = [ip_network(network) for network in networks]
        for one in found:
            self._check(one, opened)
        at_home = all(one.is_loopback for one in found)
        check_terms(address, self.hosts, self.ports, at_home=at_home)
        return frozenset(str(one) for one in found)

    async def _look_up(self, address: Address) -> list[Ip]:
        try:
            async with asyncio.timeout(_LOOK_UP_SECONDS):
                found = await self.resolve(address.host, address.port)
        except (OSError, UnicodeError) as error:  # a timeout is an OSError
            raise Unavailable("subscriber", "resolve", type(error).__name__) from None
        if not found:
            raise Unavailable("subscriber", "resolve", "nothing")
        if any("%" in text for text in found):  # a zone: link-local by another name
            raise ForbiddenAddress("network")
        return [ip_address(text) for text in found]

    def _check(self, one: Ip, opened: Sequence[Network]) -> None:
        denied = [entry for entry in self.denied if _holds(entry.network, one)]
        if not denied and not self.is_ours(one):
            return
        # The narrowest network decides: unique local addresses lie within a reserved half.
        narrowest = max(denied, key=lambda entry: entry.network.prefixlen, default=None)
        opens = narrowest is None or narrowest.openable
        if not opens or not any(_holds(network, one) for network in opened):
            raise ForbiddenAddress("network")


def _holds(network: Network, one: Ip) -> bool:
    return network.version == one.version and one in network
