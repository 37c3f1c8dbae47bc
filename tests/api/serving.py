"""A program for the server's tests: serves one slow route, and says so when it is done."""

import asyncio
import sys

from fastapi import FastAPI

from gateway.api.server import PortBusy, run


def tell(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    app = FastAPI()

    async def slow() -> str:
        tell("asked")
        await asyncio.sleep(1)
        return "done"

    app.add_api_route("/slow", slow)
    try:
        run(app, "127.0.0.1", int(sys.argv[1]))
    except PortBusy as busy:
        sys.exit(str(busy))
    tell("closed")


if __name__ == "__main__":
    main()
