"""The dialects population registers are asked in: how each is opened, and how each is simulated.

What a function returns is where the type checker holds a dialect against its capability.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar

from adapters.population.national.adapter import National
from adapters.population.national.contract import BASE
from adapters.population.national.contract import CHECK as NATIONAL_CHECK
from adapters.population.national.registration import Registration, Subscription
from adapters.population.nciic.adapter import PATH as NCIIC_PATH
from adapters.population.nciic.adapter import Nciic
from adapters.population.zhejiang.adapter import PATH as ZHEJIANG_PATH
from adapters.population.zhejiang.adapter import Zhejiang
from adapters.population.zhejiang.questions import Ground
from adapters.registry import Simulate, simulated
from adapters.transport import Client
from contracts.capabilities import IdentityCheck
from contracts.secrets import SharedSecrets

T = TypeVar("T")

_SERVICES = {"check": NATIONAL_CHECK, "base": BASE}


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the keeper of a register agreed with us, as its dialect words it.

    `address` is where it is asked, blank for the usual place on the client's host; `credentials`
    were issued to us and are secret, `registered` is what we said of ourselves.
    """

    system: str
    address: str = ""
    batch_limit: int = 5
    licence: str = field(default="", repr=False)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    registered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What dialects with short-lived secrets share with other processes, and the time they sign."""

    secrets: SharedSecrets
    now: Callable[[], datetime]


Open = Callable[[Client, Agreement, Surroundings], IdentityCheck]


def open_population(
    dialect: str, client: Client, agreement: Agreement, surroundings: Surroundings
) -> IdentityCheck:
    """The register behind a client; raise `ValueError`, which names keys and never values."""
    return DIALECTS[dialect](client, agreement, surroundings)


def _nciic(client: Client, agreement: Agreement, _: Surroundings) -> IdentityCheck:
    return Nciic(
        client,
        address=agreement.address or NCIIC_PATH,
        licence=agreement.licence,
        batch_limit=agreement.batch_limit,
        system=agreement.system,
    )


def _national(client: Client, agreement: Agreement, around: Surroundings) -> IdentityCheck:
    credentials, registered = dict(agreement.credentials), dict(agreement.registered)
    service = registered.pop("service", "check")
    if service not in _SERVICES:
        raise ValueError(f"registered.service is one of {', '.join(_SERVICES)}")
    # The official who asks where nobody else is named: kept with the secrets, not in plain sight.
    person = {name: credentials.pop(name, "") for name in ("person", "person_number")}
    subscription = _filled(Subscription, "credentials", credentials, service=_SERVICES[service])
    return National(
        client,
        subscription,
        _filled(Registration, "registered", registered, **person),
        around.secrets,
        around.now,
        address=agreement.address,
        batch_limit=agreement.batch_limit,
        system=agreement.system,
    )


def _zhejiang(client: Client, agreement: Agreement, around: Surroundings) -> IdentityCheck:
    app = _filled(_App, "credentials", agreement.credentials)
    return Zhejiang(
        client,
        address=agreement.address or ZHEJIANG_PATH,
        app_key=app.app_key,
        app_secret=app.app_secret,
        ground=_filled(Ground, "registered", agreement.registered),
        secrets=around.secrets,
        now=around.now,
        system=agreement.system,
    )


@dataclass(frozen=True, slots=True)
class _App:
    app_key: str = field(repr=False)
    app_secret: str = field(repr=False)


DIALECTS: Mapping[str, Open] = {"nciic": _nciic, "national": _national, "zhejiang": _zhejiang}
SIMULATORS: Mapping[str, Simulate] = {
    "nciic": simulated("population.nciic"),
    "national": simulated("population.national"),
    "zhejiang": simulated("population.zhejiang"),
}


def _filled(kind: type[T], part: str, given: Mapping[str, str], **fixed: Any) -> T:
    """A record made of what was given; raise `ValueError` naming what lacks or is too much."""
    known: Any = kind
    names = {each.name: each.default for each in fields(known) if each.name not in fixed}
    if unknown := sorted(given.keys() - names.keys()):
        raise ValueError(f"{part} has no {', '.join(unknown)}")
    required = [name for name, default in names.items() if default is MISSING]
    if missing := [name for name in required if not given.get(name)]:
        raise ValueError(f"{part} lacks {', '.join(missing)}")
    return kind(**given, **fixed)
