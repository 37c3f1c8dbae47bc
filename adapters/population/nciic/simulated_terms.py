"""The simulated NCIIC service, letting in: the account, its hours, quotas and balance."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import PlainTextResponse, Response

from adapters.population.nciic.simulated_answer import write_envelope, write_notice, write_refusal
from adapters.simulation.operations import Call
from adapters.simulation.terms import Agreement, Refusal, Terms

# The states of an account, and the code with which each call is refused.
STANDINGS: Mapping[str, str] = {
    "address_refused": "-72",
    "charging_fails": "-30",
    "expired": "-53",
    "in_arrears": "-53",
    "licence_damaged": "-80",
    "locked": "-53",
    "no_interface": "-51",
    "no_service": "-50",
    "other_service": "-56",
    "unknown_user": "-70",
    "wrong_password": "-71",
}
_TRIES_BEFORE_LOCK = 3

_CLOSED = "当前不在服务时间内，请在服务时间内查询！"
_USED_UP = "查询次数已达上限，请稍后再查询！"


@dataclass(slots=True)
class Account:
    """One user of the service: its terms, and how often its password was wrong."""

    terms: Terms = field(default_factory=lambda: Terms(standings=STANDINGS))
    wrong_passwords: int = 0

    def refuse(self) -> str | None:
        """The code with which the account's standing refuses a call; None lets it in.

        The third wrong password locks the account: only an operator of the service opens it.
        """
        code = STANDINGS.get(self.terms.standing)
        self.wrong_passwords = self.wrong_passwords + 1 if code == "-71" else 0
        if self.wrong_passwords == _TRIES_BEFORE_LOCK:
            self.terms.settle(Agreement(standing="locked"))
        return code

    def admit(self, call: Call, rows: int) -> Response | None:
        """Charge the rows and let the call in, or answer as the service does when it will not."""
        match self.terms.admit(call.at, rows):
            case None:
                return None
            case Refusal.UNPAID:
                return write_envelope(write_refusal("-31"))
            case Refusal.CLOSED:
                return write_envelope(write_notice(_CLOSED))
            case Refusal.TOO_FAST:
                return PlainTextResponse("", status_code=429, headers={"Retry-After": "1"})
            case _:
                return write_envelope(write_notice(_USED_UP))
