"""After a request that may have left work behind, whoever does it is told."""

from collections.abc import Awaitable, Callable, Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def telling(
    app: ASGIApp, tell: Callable[[], Awaitable[None]], *, untold: Collection[str] = ()
) -> ASGIApp:
    """Tell once a request that may change something was answered without a problem.

    Addresses in `untold` leave work to nobody.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        answered = 0

        async def send_on(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = message["status"]
            await send(message)

        await app(scope, receive, send_on)
        if 200 <= answered < 300 and leaves_work(scope):
            await tell()

    def leaves_work(scope: Scope) -> bool:
        http = scope["type"] == "http"
        return http and scope["method"] in _CHANGING and scope["path"] not in untold

    return answer
