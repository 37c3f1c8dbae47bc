"""After a request that may have left work behind, whoever does it is told."""

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def telling(app: ASGIApp, tell: Callable[[], Awaitable[None]]) -> ASGIApp:
    """Tell once a request that may change something was answered without a problem."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        answered = 0

        async def send_on(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = message["status"]
            await send(message)

        await app(scope, receive, send_on)
        if scope["type"] == "http" and scope["method"] in _CHANGING and 200 <= answered < 300:
            await tell()

    return answer
