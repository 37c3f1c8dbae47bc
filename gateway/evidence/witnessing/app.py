"""The witness over HTTP: logs tell it that they grew, auditors fetch what it signed.

`POST /add-leaves` is answered as in C2SP's witness protocol: 200 with the signature line, 409 with
the size signed last, 404 for a log that is not witnessed here, 403 for another's signature, 422 for
a tree that did not grow from the one before. `GET /ID/checkpoint` and `/ID/leaves.bin` are the
witness's copy, ID being the log's key id in hexadecimal.
"""

from collections.abc import AsyncIterator, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from gateway.evidence.checkpoints import parse_checkpoint
from gateway.evidence.note_keys import NotSigned
from gateway.evidence.notes import InvalidNote
from gateway.evidence.witnessing.book import AnotherSize, Book, NotGrown
from gateway.evidence.witnessing.growth import MOST_BYTES, PATH, Growth, parse_growth
from gateway.evidence.witnessing.signing import Cosignatory

SIZE_TYPE = "text/x.tlog.size"


def create_witness(books: Mapping[str, Book], cosignatory: Cosignatory) -> Starlette:
    """The witness of these logs, by their names."""
    by_id = {book.log.key_id().hex(): book for book in books.values()}

    async def add_leaves(request: Request) -> Response:
        body = await _bounded(request)
        if body is None:
            return Response(status_code=413)
        try:
            growth = parse_growth(body)
            book = books.get(parse_checkpoint(growth.note.text).origin)
        except InvalidNote:
            return Response(status_code=400)
        return _answer(book, growth, cosignatory) if book else Response(status_code=404)

    async def checkpoint(request: Request) -> Response:
        book = by_id.get(request.path_params["log"])
        note = book.note() if book else None
        return PlainTextResponse(note) if note else Response(status_code=404)

    async def leaves(request: Request) -> Response:
        book = by_id.get(request.path_params["log"])
        if book is None:
            return Response(status_code=404)

        async def blocks() -> AsyncIterator[bytes]:  # the book is read by one thread alone
            for block in book.leaves():
                yield block

        return StreamingResponse(blocks())

    return Starlette(
        routes=[
            Route(PATH, add_leaves, methods=["POST"]),
            Route("/livez", _alive),
            Route("/{log}/checkpoint", checkpoint),
            Route("/{log}/leaves.bin", leaves),
        ]
    )


def _answer(book: Book, growth: Growth, cosignatory: Cosignatory) -> Response:
    try:
        # Leaves and checkpoint are on the disk before the signature is given away.
        return PlainTextResponse(cosignatory.cosign(book, growth))
    except AnotherSize as refusal:
        return Response(f"{refusal.size}\n", status_code=409, media_type=SIZE_TYPE)
    except NotGrown:
        return Response(status_code=422)
    except NotSigned:
        return Response(status_code=403)
    except InvalidNote:
        return Response(status_code=403)


async def _bounded(request: Request) -> bytes | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return body


async def _alive(_: Request) -> Response:
    return PlainTextResponse("alive\n")
