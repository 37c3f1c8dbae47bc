"""Who we are to the platform: what it issued to us, and what was registered there."""

from dataclasses import dataclass, field

from adapters.population.national.contract import CHECK, Service


@dataclass(frozen=True, slots=True)
class Subscription:
    """One unit's right to one service: an id and a key for each service it may ask."""

    requester: str  # gjgxjhpt_rid
    app_key: str = field(repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    service: Service = CHECK


@dataclass(frozen=True, slots=True)
class Registration:
    """What the head of every question says of us; an asker may name unit, person, business.

    Codes and names are as registered; `person` is the official who asks where no one else does.
    """

    ministry_code: str
    ministry: str
    source_code: str  # 数据来源系统: who runs the platform
    source: str
    system_code: str  # 请求业务系统
    system: str
    unit_code: str
    business_code: str
    business: str
    person: str = field(repr=False)
    person_number: str = field(repr=False)
