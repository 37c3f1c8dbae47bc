"""The invented member whom the simulated platform knows unless it is told of others."""

from adapters.population.national.contract import BASE, CHECK
from adapters.population.national.registration import Registration, Subscription

DEMO_CHECK = Subscription(
    "11111111-2222-4333-8444-555555555555@df-0",
    "0123456789abcdef0123456789abcdef",
    "demo-user",
    "demo-password",
    CHECK,
)
DEMO_BASE = Subscription(
    "66666666-7777-4888-8999-aaaaaaaaaaaa@df-0",
    "fedcba98765432100123456789abcdef",
    "demo-user",
    "demo-password",
    BASE,
)
DEMO_REGISTRATION = Registration(
    ministry_code="SLBW",
    ministry="示例部委",
    source_code="910000000000000000",
    source="示例数据共享平台",
    system_code="SL001",
    system="示例学籍系统",
    unit_code="920000000000000000",
    business_code="XJ01",
    business="学籍注册核验",
    person="示例经办人",
    person_number="990000199001010017",
)
