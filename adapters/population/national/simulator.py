"""A national platform to try things on: its own protocol over a world's people."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response

from adapters.population.national.adapter import SECRET_ADDRESS, usual_path
from adapters.population.national.contract import BASE, CHECK, Service
from adapters.population.national.day_secret import OPERATION
from adapters.population.national.demo import (
    DEMO_BASE,
    DEMO_CHECK,
    DEMO_REGISTRATION,
)
from adapters.population.national.registration import Subscription
from adapters.population.national.signature import seal_secret
from adapters.population.national.simulated_answer import (
    CLOSED,
    Answered,
    AnsweredRow,
    refuse_envelope,
    refuse_platform,
)
from adapters.population.national.simulated_faults import (
    OWN_FAULTS,
    break_answer,
    compress,
    kinds_of,
)
from adapters.population.national.simulated_people import People
from adapters.population.national.simulated_platform import (
    Membership,
    day_end,
    day_secret,
    seconds_to_wait,
)
from adapters.population.national.simulated_question import (
    Asked,
    AskedPackage,
    AskedRow,
    decode,
    read_call,
    read_package,
    read_stamp,
)
from adapters.simulation.app import create_simulator
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.operations import Call, Operation
from adapters.simulation.terms import Agreement, Refusal, Terms
from adapters.world import World
from contracts import citizen_number

DEMO = Membership((DEMO_CHECK, DEMO_BASE), frozenset({DEMO_REGISTRATION.business_code}))

Answer = Callable[[Call], Response]


def create(
    world: World,
    clock: SimulatorClock | None = None,
    *,
    latency_seconds: float = 0.0,
    agreement: Agreement | None = None,
    membership: Membership = DEMO,
) -> Starlette:
    """A platform before a population base holding the world's people."""
    people, terms = People(world.population), Terms(agreement)
    services = (
        Operation(
            service.operation,
            usual_path(service.code),
            _Answering(service, people, membership, terms),
            decode,
        )
        for service in (CHECK, BASE)
    )
    return create_simulator(
        [Operation(OPERATION, SECRET_ADDRESS, _issue(membership), lambda _: None), *services],
        records=lambda: people,
        clock=clock or SimulatorClock(),
        own_faults=OWN_FAULTS,
        edit=people.edit,
        terms=terms,
        latency_seconds=latency_seconds,
    )


def _issue(membership: Membership) -> Answer:
    def answer(call: Call) -> Response:
        kinds = kinds_of(call.fault)
        subscription = membership.asks_secret(read_stamp(call.body, call.headers), call.at)
        if subscription is None or "platform_refusal" in kinds:
            return refuse_platform()
        secret = seal_secret(day_secret(subscription, call.at), subscription.app_key)
        ends_at = str(int(day_end(call.at).timestamp() * 1000))
        if "secret_ended" in kinds:
            ends_at = str(int(call.at.timestamp() * 1000) - 1)
        if "secret_garbled" in kinds:
            secret = secret[::-1]
        if "secret_unsealed" in kinds:
            secret = day_secret(subscription, call.at)
        said: object = {"secret": secret, "secretEndTime": ends_at}
        return compress(
            kinds,
            JSONResponse(
                {"code": "0", "data": "" if "secret_blank" in kinds else said, "message": ""}
            ),
        )

    return answer


@dataclass(frozen=True, slots=True)
class _Answering:
    """The answers of one service."""

    service: Service
    people: People
    membership: Membership
    terms: Terms

    def __call__(self, call: Call) -> Response:
        asked = read_call(call.body)
        if asked is None or asked.operation != self.service.operation:
            return refuse_envelope("Client")
        subscription = self.membership.calls(asked.stamp, call.at)
        if subscription is None or subscription.service != self.service:
            return refuse_platform()
        package = read_package(asked.texts[0])
        refusal = self.terms.admit(call.at, len(package.rows) if package else 1)
        if refusal in (Refusal.TOO_FAST, Refusal.HOUR_SPENT, Refusal.DAY_SPENT):
            waiting = {"Retry-After": str(seconds_to_wait(refusal, call.at))}
            return PlainTextResponse("", 429, headers=waiting)
        if package is None:
            answered = Answered("", call.at, code="-40")
        else:
            answered = self._answered(asked, package, subscription, refusal, call)
        return break_answer(call.fault, self.service.operation, answered)

    def _answered(
        self,
        asked: Asked,
        package: AskedPackage,
        subscription: Subscription,
        refusal: Refusal | None,
        call: Call,
    ) -> Answered:
        question_id = package.head.get("FWQQBH", "")
        if refusal is Refusal.CLOSED:
            return Answered(question_id, call.at, code="-90", message=CLOSED)
        code = "-31" if refusal else self._refusal(asked, package, subscription)
        if code is not None:
            return Answered(question_id, call.at, code=code)
        return Answered(question_id, call.at, tuple(self._row(row) for row in package.rows))

    def _refusal(
        self, asked: Asked, package: AskedPackage, subscription: Subscription
    ) -> str | None:
        head = package.head
        if asked.texts[1:] != (subscription.user, subscription.password):
            return "-71"
        if not all(head.get(tag) for tag in ("FWQQBH", "QQRGMSFHM", "QQRXM", "QQRDWDM")):
            return "-52"
        if head.get("QQYWLXDM") not in self.membership.business_codes:
            return "-53"
        if head.get("JLS") != str(len(package.rows)):
            return "-42"
        return "-54" if len(package.rows) > self.membership.batch_limit else None

    def _row(self, row: AskedRow) -> AnsweredRow:
        place = {"no": row.place, "code": "", "msg": ""}
        if not citizen_number.well_formed(row.number) or not row.name:
            return AnsweredRow({**place, "code": "-60", "msg": "条件错误"}, {})
        describe = self.people.compared if self.service == CHECK else self.people.described
        return AnsweredRow(place, describe(row.number, row.name))
