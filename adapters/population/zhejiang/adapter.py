"""The Zhejiang dialect: one signed form a person, with a secret that all processes share."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

from adapters.population.claims import carried_unchanged, check_sendable
from adapters.population.zhejiang.door import Door
from adapters.population.zhejiang.envelopes import (
    SECRET_REFUSED,
    Envelope,
    Place,
    open_datas,
    refuse_failures,
)
from adapters.population.zhejiang.keys import Keys
from adapters.population.zhejiang.questions import Ground, write_question
from adapters.population.zhejiang.verdicts import load_match_codes, read_verdict
from adapters.transport import Client
from contracts.capabilities import Asker, Claim, Reply, Verdict
from contracts.errors import TooMany
from contracts.secrets import Secret, SharedSecrets

CHECK = "identityCheck"
PATH = "/gateway/api/999999/dataSharing/identityCheck001.htm"


class Zhejiang:
    """Holds claims against the population register through the province's platform."""

    batch_limit = 1

    def __init__(
        self,
        client: Client,
        *,
        address: str = PATH,
        app_key: str,
        app_secret: str,
        ground: Ground,
        secrets: SharedSecrets,
        now: Callable[[], datetime],
        system: str = "population",
    ) -> None:
        """Ask at the address, a path of the client's; `now` stands in every signature."""
        if not app_key or not app_secret or not ground.matter:
            raise ValueError("the app's key and secret and the ground's matter must be given")
        self._door = Door(client, system, app_key, now)
        self._keys = Keys(self._door, app_secret)
        self._address = address
        self._ground = ground
        self._secrets = secrets
        self._codes = load_match_codes()
        # By app and gateway, not by system: a secret issued for one ends the other's.
        named = hashlib.sha256(f"{client.base_url} {app_key}".encode())
        self._name = f"zhejiang-{named.hexdigest()[:32]}"

    async def check(
        self, claims: Sequence[Claim], asker: Asker, *, trace_id: str
    ) -> Reply[tuple[Verdict, ...]]:
        """A verdict for the claim; one not worth sending is judged here and not sent."""
        if len(claims) > self.batch_limit:
            raise TooMany(self._door.system, CHECK, "batch limit")

        async def ask(asked: tuple[Claim, ...]) -> Reply[tuple[Verdict, ...]]:
            return await self._ask_one(asked[0], asker, trace_id)

        return await check_sendable(claims, carried_unchanged, ask)

    async def _ask_one(
        self, claim: Claim, asker: Asker, trace_id: str
    ) -> Reply[tuple[Verdict, ...]]:
        form = write_question(claim, asker, self._ground)
        envelope, answered = await self._ask(form, trace_id)
        place = Place(self._door.system, CHECK)
        refuse_failures(envelope, place)
        verdict = read_verdict(open_datas(envelope.datas, place), claim, self._codes)
        return Reply((verdict,), form, answered)

    async def _ask(self, form: bytes, trace_id: str) -> tuple[Envelope, bytes]:
        """The answer under the secret in force, or, that one refused, under the next."""
        secret = await self._secret(trace_id)
        heard = await self._ask_under(secret, form, trace_id)
        if heard[0].code not in SECRET_REFUSED:
            return heard
        secret = await self._secret(trace_id, refused=secret)
        return await self._ask_under(secret, form, trace_id)

    async def _ask_under(
        self, secret: Secret, form: bytes, trace_id: str
    ) -> tuple[Envelope, bytes]:
        return await self._door.ask(
            self._address, form, secret.value, operation=CHECK, trace_id=trace_id
        )

    async def _secret(self, trace_id: str, *, refused: Secret | None = None) -> Secret:
        async def renew(last: Secret | None) -> Secret:
            return await self._keys.renew(last, trace_id)

        return await self._secrets.current(self._name, renew, refused=refused)
