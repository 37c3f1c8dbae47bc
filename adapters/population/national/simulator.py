"""A national platform to try things on: its own protocol over a world's people."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response

from adapters.population.national.adapter import SECRET_ADDRESS, usual_path
from adapters.population.national.contract import BASE, CHECK, SUCCESS, Service
from adapters.population.national.day_secret import OPERATION
from adapters.population.national.demo import DEMO_BASE, DEMO_CHECK, DEMO_REGISTRATION
from adapters.population.national.registration import Subscription
from adapters.population.national.simulated_answer import (
    CLOSED,
    Answered,
    refuse_envelope,
    refuse_platform,
)
from adapters.population.national.simulated_faults import OWN_FAULTS, break_answer, kinds_of
from adapters.population.national.simulated_platform import QUOTAS, Membership, seconds_to_wait
from adapters.population.national.simulated_question import (
    Asked,
    AskedPackage,
    decode,
    read_call,
    read_package,
    read_stamp,
)
from adapters.population.national.simulated_rows import answer_row
from adapters.population.national.simulated_secret import issue
from adapters.population.register import PopulationRegister
from adapters.simulation.app import create_simulator
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.operations import Call, Operation
from adapters.simulation.terms import Agreement, Refusal, Terms
from adapters.world import World

DEMO = Membership((DEMO_CHECK, DEMO_BASE), frozenset({DEMO_REGISTRATION.business_code}))

Answer = Callable[[Call], Response]

_WANTED = ("FWQQBH", "QQRGMSFHM", "QQRXM", "QQRDWDM")


def create(
    world: World,
    clock: SimulatorClock | None = None,
    *,
    latency_seconds: float = 0.0,
    agreement: Agreement | None = None,
    membership: Membership = DEMO,
) -> Starlette:
    """A platform before a population base holding the world's people."""
    register, terms = PopulationRegister(world.population), Terms(agreement)
    services = (
        Operation(
            service.operation,
            usual_path(service.code),
            _Answering(service, register, membership, terms),
            decode,
        )
        for service in (CHECK, BASE)
    )
    return create_simulator(
        [Operation(OPERATION, SECRET_ADDRESS, _issue(membership), lambda _: None), *services],
        records=lambda: register,
        clock=clock or SimulatorClock(),
        own_faults=OWN_FAULTS,
        edit=register.edit,
        terms=terms,
        latency_seconds=latency_seconds,
    )


def _issue(membership: Membership) -> Answer:
    def answer(call: Call) -> Response:
        subscription = membership.asks_secret(read_stamp(call.body, call.headers), call.at)
        if subscription is None or "platform_refusal" in kinds_of(call.fault):
            return refuse_platform()
        return issue(subscription, call)

    return answer


@dataclass(frozen=True, slots=True)
class _Answering:
    """The answers of one service."""

    service: Service
    register: PopulationRegister
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
        if refusal in QUOTAS:
            waiting = {"Retry-After": str(seconds_to_wait(refusal, call.at))}
            return PlainTextResponse("", 429, headers=waiting)
        if package is None:
            answered = Answered("", call.at, code="-40")
        elif refusal is not None:
            answered = _refused(package, call, refusal)
        else:
            answered = self._answered(asked, package, subscription, call)
        return break_answer(call.fault, self.service.operation, answered)

    def _answered(
        self, asked: Asked, package: AskedPackage, subscription: Subscription, call: Call
    ) -> Answered:
        code = SUCCESS
        if asked.texts[1:] != (subscription.user, subscription.password):
            code = "-71"
        elif not all(package.head.get(tag) for tag in _WANTED):
            code = "-52"
        elif package.head.get("QQYWLXDM") not in self.membership.business_codes:
            code = "-53"
        elif package.head.get("JLS") != str(len(package.rows)):
            code = "-42"
        elif len(package.rows) > self.membership.batch_limit:
            code = "-54"
        answered = [answer_row(self.register, self.service, row) for row in package.rows]
        rows = tuple(answered) if code == SUCCESS else ()
        return Answered(package.head.get("FWQQBH", ""), call.at, rows, code)


def _refused(package: AskedPackage, call: Call, refusal: Refusal) -> Answered:
    question_id = package.head.get("FWQQBH", "")
    if refusal is Refusal.CLOSED:
        return Answered(question_id, call.at, code="-90", message=CLOSED)
    return Answered(question_id, call.at, code="-31")
