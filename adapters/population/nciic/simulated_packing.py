"""The simulated NCIIC service, packing: compressed answers, and some that swell a thousandfold."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

from starlette.responses import Response, StreamingResponse

_HEADERS = {"Content-Type": "text/xml;charset=UTF-8"}
_GIBIBYTE = 1 << 30
_PIECE = 1 << 20
_GZIP_FORM, _ZLIB_FORM = 31, 15  # what zlib calls its window bits


def _pack(answer: Response) -> Response:
    packed = gzip.compress(bytes(answer.body))
    return Response(packed, headers={**_HEADERS, "Content-Encoding": "gzip"})


def _bomb(form: int, encoding: str) -> Response:
    """A gibibyte of blanks in one mebibyte."""
    return Response(b"".join(_swelling(form)), headers=_HEADERS | {"Content-Encoding": encoding})


def _swelling(form: int) -> Iterator[bytes]:
    packing = zlib.compressobj(9, zlib.DEFLATED, form)
    yield packing.compress(b" " * _PIECE) + packing.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the same blanks become the same bytes: packed once, sent a thousand times.
    again = packing.compress(b" " * _PIECE) + packing.flush(zlib.Z_FULL_FLUSH)
    yield from [again] * (_GIBIBYTE // _PIECE)


def _nested(answer: Response) -> Response:
    del answer
    inner = b"".join(_swelling(_GZIP_FORM))
    packed = gzip.compress(gzip.compress(inner, 1), 1)
    return Response(packed, headers=_HEADERS | {"Content-Encoding": "gzip, gzip, gzip"})


def _hide(answer: Response) -> Response:
    del answer
    return Response(b"".join(_swelling(_GZIP_FORM)), headers=_HEADERS)


async def _blanks() -> AsyncIterator[bytes]:
    for _ in range(_GIBIBYTE // _PIECE):
        yield b" " * _PIECE
        await asyncio.sleep(0)  # or the loop would not learn that nobody listens any more


PACKINGS: Mapping[str, Callable[[Response], Response]] = {
    "gzip": _pack,
    "gzip_bomb": lambda _: _bomb(_GZIP_FORM, "gzip"),
    "deflate_bomb": lambda _: _bomb(_ZLIB_FORM, "deflate"),
    "nested_bomb": _nested,
    "unlabelled_bomb": _hide,
    "endless": lambda _: StreamingResponse(_blanks(), headers=_HEADERS),
}
