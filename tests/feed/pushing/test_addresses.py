"""Nothing is sent where it must not go, however the address is spelled and whatever a name says."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Address, ip_address
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Unavailable
from gateway.clock import VirtualClock
from gateway.feed.pushing.addresses import PORTS, ForbiddenAddress, Ip, parse_address
from gateway.feed.pushing.networks import Border, Resolve, is_ours, load_denied, resolve
from gateway.feed.pushing.outcomes import Fate
from gateway.feed.pushing.sending import Courier, Message
from tests.feed.pushing.receiver import Received, receiving, status

NOW = datetime(2026, 9, 1, tzinfo=UTC)
DENIED = load_denied()
LOOPBACK = ("127.0.0.0/8", "::1/128")
# Ways of writing loopback, a private network, a host before or behind another, and what is no host.
SPELLINGS: list[str] = json.loads((Path(__file__).parent / "spellings.json").read_text())


def courier(
    ports: frozenset[int] = PORTS,
    look_up: Resolve = resolve,
    tls: ssl.SSLContext | None = None,
    hosts: frozenset[str] = frozenset(),
) -> Courier:
    border = Border(hosts, ports, DENIED, look_up, is_ours)
    return Courier(border, tls or ssl.create_default_context(), VirtualClock(NOW), 2.0)


def names(**addresses: str) -> Resolve:
    """A resolver of our own: names with dots as underscores, addresses with blanks between."""

    async def look_up(host: str, port: int) -> Sequence[str]:
        return addresses.get(host.replace(".", "_"), "").split()

    return look_up


async def nowhere(host: str, port: int) -> Sequence[str]:
    """Every name leads home."""
    return ["127.0.0.1", "::1"]


MESSAGE = Message({"content-type": "application/cloudevents+json"}, b"{}")


async def test_two_hundred_spellings_reach_nobody() -> None:
    assert len(set(SPELLINGS)) >= 200
    # Two listeners on every address of this machine, one of them on the very port.
    async with listening() as (connects, port):
        sender = courier(frozenset({443, port}), nowhere)
        for url in [*SPELLINGS, *(with_port(url, port) for url in SPELLINGS)]:
            outcome = await sender.carry("a", url, (), MESSAGE)
            assert outcome.fate is Fate.AWAY, url
            assert outcome.reason.startswith("forbidden_"), (url, outcome.reason)
        await sender.close()
        assert connects() == 0
        # The listeners do count.
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await asyncio.sleep(0.01)
        assert connects() == 1


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Callable[[], int], int]]:
    """Count whoever connects, by either family, on any address of this machine."""
    connects = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connects
        connects += 1
        writer.close()

    server = await asyncio.start_server(count, "0.0.0.0", 0)
    port = server.sockets[0].getsockname()[1]
    other = await asyncio.start_server(count, "::", port, family=socket.AF_INET6)
    async with server, other:
        yield lambda: connects, port


def with_port(url: str, port: int) -> str:
    head, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{head}{separator}{host}:{port}{slash}{path}"


@pytest.mark.parametrize("network", [entry.network for entry in DENIED], ids=str)
async def test_no_address_of_a_denied_network_is_crossed(network: IPv4Network) -> None:
    border = Border(frozenset(), PORTS, DENIED, resolve, lambda one: False)
    for one in (network[0], network[network.num_addresses // 2], network[-1]):
        with pytest.raises(ForbiddenAddress):
            await border.cross(parse_address(spelled(one)), ())


@pytest.mark.parametrize(
    "text", ["1.1.1.1", "11.0.0.1", "172.32.0.1", "192.169.0.1", "2606:4700::1", "100.128.0.1"]
)
async def test_what_lies_beside_a_denied_network_is_crossed(text: str) -> None:
    border = Border(frozenset(), PORTS, DENIED, resolve, is_ours)
    one = ip_address(text)
    assert await border.cross(parse_address(spelled(one)), ()) == {str(one)}


def spelled(one: Ip) -> str:
    return f"https://[{one}]/" if isinstance(one, IPv6Address) else f"https://{one}/"


@given(st.ip_addresses(v=4))
def test_every_address_within_ipv6_is_as_denied_as_alone(one: Ip) -> None:
    packed = int(one)
    embedded = (
        f"::ffff:{one}",
        f"64:ff9b::{one}",
        f"2002:{packed >> 16:x}:{packed & 0xFFFF:x}::1",
        f"2001:0:{packed >> 16:x}:{packed & 0xFFFF:x}::",
    )
    for text in embedded:
        assert any(not entry.openable and ip_address(text) in entry.network for entry in DENIED)


async def test_one_denied_address_among_good_ones_denies_them_all() -> None:
    sender = courier(look_up=names(good_example="1.1.1.1 10.0.0.1"))
    outcome = await sender.carry("a", "https://good.example/", (), MESSAGE)
    assert outcome.reason == "forbidden_network"


async def test_a_subscription_opens_a_government_network_and_no_other() -> None:
    border = Border(frozenset(), PORTS, DENIED, names(x_example="10.1.2.3"), lambda one: False)
    address = parse_address("https://x.example/")
    assert await border.cross(address, ("10.1.0.0/16",)) == {"10.1.2.3"}
    with pytest.raises(ForbiddenAddress):
        await border.cross(address, ("10.2.0.0/16",))


@pytest.mark.parametrize("text", ["169.254.169.254", "[::ffff:10.1.2.3]", "224.0.0.1", "0.0.0.0"])
async def test_some_networks_open_to_nobody(text: str) -> None:
    border = Border(frozenset(), PORTS, DENIED, resolve, lambda one: False)
    with pytest.raises(ForbiddenAddress):
        await border.cross(parse_address(f"https://{text}/"), ("0.0.0.0/0", "::/0"))


async def test_an_address_of_this_machine_is_denied_though_its_network_is_not() -> None:
    border = Border(frozenset(), PORTS, DENIED, resolve, lambda one: True)
    with pytest.raises(ForbiddenAddress):
        await border.cross(parse_address("https://1.1.1.1/"), ())


def test_this_machine_knows_its_own_addresses() -> None:
    assert is_ours(ip_address("127.0.0.1"))
    assert not is_ours(ip_address("1.1.1.1"))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://1.1.1.1:443/", "scheme"),
        ("https://1.1.1.1:22/", "port"),
        ("https://1.1.1.1:80/", "port"),
    ],
)
async def test_abroad_it_is_https_on_the_known_ports(url: str, reason: str) -> None:
    assert (await courier().carry("a", url, (), MESSAGE)).reason == f"forbidden_{reason}"


async def test_only_named_hosts_where_hosts_are_named() -> None:
    sender = courier(hosts=frozenset({"good.example"}), look_up=names(bad_example="1.1.1.1"))
    outcome = await sender.carry("a", "https://bad.example/", (), MESSAGE)
    assert outcome.reason == "forbidden_host"


async def test_loopback_may_be_plain_where_a_subscription_opens_it() -> None:
    async with receiving() as subscriber:
        sender = courier()
        outcome = await sender.carry("a", subscriber.url, LOOPBACK, MESSAGE)
        assert outcome.accepted
        await sender.close()


async def test_an_answer_that_flips_between_attempts_is_caught() -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"], ["127.0.0.1"]]

    async def flipping(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    async with receiving() as subscriber:
        url = subscriber.url.replace("127.0.0.1", "good.example")
        sender = courier(look_up=flipping)
        fates = [(await sender.carry("a", url, LOOPBACK, MESSAGE)).fate for _ in range(3)]
        await sender.close()
    assert fates == [Fate.ACCEPTED, Fate.AWAY, Fate.ACCEPTED]


async def test_the_connection_ends_at_the_address_that_was_checked() -> None:
    """The name in TLS is the host's, which no resolver but ours knows."""
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("good.example").configure_cert(server)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)
    looks = []

    async def once(host: str, port: int) -> Sequence[str]:
        looks.append(host)
        return ["127.0.0.1"]

    async with receiving(tls=server) as subscriber:
        port = subscriber.url.rsplit(":")[-1].split("/")[0]
        sender = courier(frozenset({int(port)}), once, ours)
        good = await sender.carry("a", f"https://good.example:{port}/x", LOOPBACK, MESSAGE)
        other = await sender.carry("b", f"https://other.example:{port}/x", LOOPBACK, MESSAGE)
        await sender.close()
    assert good.accepted
    assert other.fate is Fate.AWAY  # its certificate names another
    assert len(looks) == 2
    assert len(subscriber.received) == 1
    assert subscriber.received[0].headers["host"] == f"good.example:{port}"


async def test_a_redirect_is_a_failure_and_never_followed() -> None:
    async with receiving() as elsewhere:

        async def redirect(request: Received) -> bytes:
            return status(307, f"location: {elsewhere.url}")

        async with receiving(redirect) as subscriber:
            sender = courier()
            outcome = await sender.carry("a", subscriber.url, LOOPBACK, MESSAGE)
            await sender.close()
        assert (outcome.fate, outcome.reason) == (Fate.AWAY, "307")
        assert elsewhere.connects == 0


async def test_of_an_endless_answer_little_is_read() -> None:
    async def endless(request: Received) -> bytes:
        return status(200, body=b"x" * 50_000_000)

    async with receiving(endless) as subscriber:
        sender = courier()
        outcome = await sender.carry("a", subscriber.url, LOOPBACK, MESSAGE)
        await sender.close()
    assert outcome.accepted


async def test_who_says_nothing_is_silent_and_who_breaks_off_is_broken() -> None:
    async def hang(request: Received) -> bytes:
        await asyncio.sleep(3600)
        return b""

    async def reset(request: Received) -> None:
        return None

    for answer, fate in ((hang, Fate.SILENT), (reset, Fate.BROKEN)):
        async with receiving(answer) as subscriber:
            sender = Courier(
                Border(frozenset(), PORTS, DENIED, resolve, is_ours),
                ssl.create_default_context(),
                VirtualClock(NOW),
                0.2,
            )
            outcome = await sender.carry("a", subscriber.url, LOOPBACK, MESSAGE)
            await sender.close()
        assert outcome.fate is fate


async def test_nobody_there_is_away() -> None:
    async with receiving() as subscriber:
        url = subscriber.url
    sender = courier()
    assert (await sender.carry("a", url, LOOPBACK, MESSAGE)).fate is Fate.AWAY
    await sender.close()


async def test_a_name_nobody_knows_is_away() -> None:
    border = Border(frozenset(), PORTS, DENIED, names(), is_ours)
    with pytest.raises(Unavailable):
        await border.cross(parse_address("https://nobody.example/"), ())
