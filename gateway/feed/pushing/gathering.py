"""Doing at once what several tasks ask for at about the same time: one look, one commit for all."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

What = TypeVar("What")
Answer = TypeVar("Answer")


class Asked(Generic[What, Answer]):
    """One task's wish; it waits until this is answered or refused, and for nobody else's."""

    def __init__(self, what: What) -> None:
        self.what = what
        self.answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def answer(self, answer: Answer) -> None:
        """Let the task go on."""
        if not self.answered.done():  # who was cancelled waits no more
            self.answered.set_result(answer)

    def refuse(self, fault: Exception) -> None:
        """Raise this in the task, unless it was answered before."""
        if not self.answered.done():
            self.answered.set_exception(fault)


Act = Callable[[Sequence[Asked[What, Answer]]], Awaitable[None]]


async def nobody() -> None:
    """Expect no others."""


class Gathering(Generic[What, Answer]):
    """Hands what was asked to `act` in groups: while one group is at it, the next one gathers.

    So a group is as large as there is much to do, and who is alone does not wait for others. What
    `others` awaits comes before each group: the time in which more are expected, if any.
    """

    def __init__(self, act: Act[What, Answer], others: Callable[[], Awaitable[None]]) -> None:
        self._act = act
        self._others = others
        self._waiting: list[Asked[What, Answer]] = []
        self._acting: asyncio.Task[None] | None = None

    async def ask(self, what: What) -> Answer:
        """What `act` answers; its exception where it raises one."""
        asked = Asked[What, Answer](what)
        self._waiting.append(asked)
        if self._acting is None or self._acting.done():
            self._acting = asyncio.create_task(self._act_on_all(), name="gathering")
        return await asked.answered

    async def close(self) -> None:
        """Wait for what is under way."""
        if self._acting is not None:
            await self._acting

    async def _act_on_all(self) -> None:
        while self._waiting:
            await self._others()
            group, self._waiting = self._waiting, []
            try:
                await self._act(group)
            except Exception as fault:  # theirs to deal with; this task serves others yet
                for asked in group:
                    asked.refuse(fault)
