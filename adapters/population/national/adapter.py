"""The national dialect: `GK_GXFW_SFHC` through the data-sharing platform, signed each day anew."""

from collections.abc import Callable, Sequence
from datetime import datetime

from adapters.population.claims import check_sendable
from adapters.population.national.answers import judge, read_answer
from adapters.population.national.contract import (
    BASE,
    SYSTEM,
    XML,
    Party,
    load_match_codes,
    load_schema,
)
from adapters.population.national.day_secret import fetch_secret, platform_refusal
from adapters.population.national.envelope import read_envelope, write_envelope
from adapters.population.national.question import Package, sendable, write_package
from adapters.population.national.registration import Registration, Subscription
from adapters.population.national.signature import stamp
from adapters.transport import Answer, Client, post
from contracts.capabilities import Asker, Claim, Reply, Verdict
from contracts.errors import Ambiguous, TooMany
from contracts.secrets import Secret, SharedSecrets

SECRET_ADDRESS = "/sysapi/auth/refreshappsecret"  # noqa: S105


class National:
    """Holds claims against the population base by the service its subscription is for."""

    def __init__(
        self,
        client: Client,
        subscription: Subscription,
        registration: Registration,
        secrets: SharedSecrets,
        now: Callable[[], datetime],
        *,
        address: str = "",
        secret_address: str = SECRET_ADDRESS,
        batch_limit: int = 5,
        system: str = SYSTEM,
    ) -> None:
        """Ask at the addresses, paths of the client's or whole; `now` is what calls are signed at.

        Without an address, the usual path of the subscription's service on the client's host.
        """
        self.batch_limit = batch_limit
        self._client = client
        self._subscription = subscription
        self._registration = registration
        self._secrets = secrets
        self._now = now
        self._address = address or usual_path(subscription.service.code)
        self._secret_address = secret_address
        self._party = Party(system, subscription.service.operation)
        self._envelope = load_schema("envelope")
        self._answer = load_schema(subscription.service.schema)
        self._codes = load_match_codes()

    async def check(
        self, claims: Sequence[Claim], asker: Asker, *, trace_id: str
    ) -> Reply[tuple[Verdict, ...]]:
        """A verdict for each claim; those not worth sending are judged here and not sent."""
        if len(claims) > self.batch_limit:
            raise self._party.failure(TooMany, "batch limit")

        async def ask(asked: tuple[Claim, ...]) -> Reply[tuple[Verdict, ...]]:
            return await self._ask(asked, asker, trace_id)

        return await check_sendable(claims, sendable, ask)

    async def _ask(
        self, asked: tuple[Claim, ...], asker: Asker, trace_id: str
    ) -> Reply[tuple[Verdict, ...]]:
        at = self._now()
        package = write_package(
            asked, asker, self._registration, at, trace_id=trace_id, party=self._party
        )
        question, answer = await self._exchange(package, trace_id)
        document = read_envelope(answer, self._subscription.service, self._envelope, self._party)
        said = read_answer(document, package.question_id, self._answer, self._party, at=at)
        # What the base tells of a person beyond the claim ends here.
        kept = said.kept if self._subscription.service is BASE else answer.body
        return Reply(judge(said, asked, self._codes), question, kept)

    async def _exchange(self, package: Package, trace_id: str) -> tuple[bytes, Answer]:
        """The bytes of both sides, signed anew once where the platform refused the signature."""
        secret = await self._secret(trace_id)
        question, answer = await self._post(package, secret, trace_id)
        if platform_refusal(answer) is not None:
            # It does not say why; a secret it no longer knows is what can be mended from here.
            secret = await self._secret(trace_id, refused=secret)
            question, answer = await self._post(package, secret, trace_id)
        code = platform_refusal(answer)
        if code is not None:
            raise self._party.failure(Ambiguous, f"platform {code}")
        return question, answer

    async def _post(self, package: Package, secret: Secret, trace_id: str) -> tuple[bytes, Answer]:
        signed = stamp(self._subscription, secret.value, self._now())
        question = write_envelope(package.document, signed, self._subscription)
        answer = await post(
            self._client,
            self._address,
            question,
            system=self._party.system,
            operation=self._party.operation,
            headers={"Content-Type": f"{XML};charset=UTF-8", "X-Road-Id": trace_id},
        )
        return question, answer

    async def _secret(self, trace_id: str, *, refused: Secret | None = None) -> Secret:
        async def renew(_: Secret | None) -> Secret:
            return await fetch_secret(
                self._client,
                self._secret_address,
                self._subscription,
                self._now(),
                system=self._party.system,
                trace_id=trace_id,
            )

        service, requester = self._subscription.service.code, self._subscription.requester
        name = f"{self._party.system} {service} {requester}"
        return await self._secrets.current(name, renew, refused=refused)


def usual_path(service: str) -> str:
    """The path of a service where the platform's host says nothing else."""
    return f"/wsproxy/{service}/wsproxy/"
