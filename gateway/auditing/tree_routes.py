"""The doors to the tree of the log: its newest checkpoint, its tiles, and proofs."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from gateway.access.admission import Access
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.database import Database
from gateway.evidence.log_folder import LogFolder
from gateway.evidence.proofs import NoSuchProof
from gateway.evidence.proving import prove_entry, prove_growth
from gateway.evidence.tile_address import parse_tile
from gateway.evidence.tile_files import DamagedTiles
from gateway.evidence.tiles import TiledTree, width_of
from gateway.web.problems import Kind, Problem
from gateway.web.routing import open_router

_PATH = "/v1/evidence"
_HIGHEST = 1 << 53
_TILE = "application/octet-stream"
_NOTE = "text/plain; charset=utf-8"
Size = Annotated[int, Field(ge=0, lt=_HIGHEST)]


class EvidenceProof(BaseModel):
    """An entry's place under the newest checkpoint; hashes in hexadecimal (RFC 9162, 2.1.3)."""

    position: int
    index: int = Field(description="From 0, as in the tree; positions count from 1.")
    size: int
    root: str
    leaf: str
    proof: list[str]


class EvidenceGrowth(BaseModel):
    """Proof that the log only grew; hashes in hexadecimal (RFC 9162, 2.1.4)."""

    old_size: int
    old_root: str
    size: int
    root: str
    proof: list[str]


@dataclass(frozen=True, slots=True)
class TreeDesk:
    """What the routes of the tree need."""

    database: Database
    access: Access
    folder: LogFolder

    def tree(self) -> TiledTree:
        """The tree under the newest checkpoint whose tiles are laid; nothing found without one."""
        checkpoint = self.folder.checkpoint()
        if checkpoint is None:
            raise Problem(Kind.NOT_FOUND)
        return self.folder.tree(checkpoint.size)


def tree_routes(desk: TreeDesk) -> APIRouter:
    """The routes of checkpoint, tiles and proofs."""
    router = open_router("evidence")
    reading: Any = Depends(Admission(desk.access, Operation.EVIDENCE_READ))
    _files(router, desk, reading)
    _proof(router, desk, reading)
    _growth(router, desk, reading)
    return router


def _files(router: APIRouter, desk: TreeDesk, reading: Any) -> None:
    @router.get(
        f"{_PATH}/checkpoint",
        summary="检查点 · The newest checkpoint",
        dependencies=[reading],
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}, "description": "A C2SP signed note."}},
    )
    async def checkpoint() -> Response:
        """Size and root, signed by the log, and by its witness where it has one."""
        note = desk.folder.note()
        if note is None:
            raise Problem(Kind.NOT_FOUND)
        return Response(note, media_type=_NOTE)

    @router.get(
        f"{_PATH}/tile/{{address:path}}",
        summary="哈希块 · A tile of the tree",
        dependencies=[reading],
        response_class=Response,
        responses={200: {"content": {_TILE: {}}, "description": "Up to 256 hashes of 32 bytes."}},
    )
    async def tile(address: str) -> Response:
        """The hashes at an address such as `0/x001/067` or `0/x001/067.p/12` (C2SP tlog-tiles)."""
        hashes = _tile(desk.tree(), address)
        if hashes is None:
            raise Problem(Kind.NOT_FOUND)
        return Response(hashes, media_type=_TILE)


def _proof(router: APIRouter, desk: TreeDesk, reading: Any) -> None:
    @router.get(
        f"{_PATH}/entries/{{position}}/proof",
        summary="条目证明 · Proof that an entry is in the log",
        dependencies=[reading],
    )
    async def proof(position: Annotated[int, Field(ge=1, lt=_HIGHEST)]) -> EvidenceProof:
        """The proof of one entry under the newest checkpoint, verified before it is told."""
        tree = desk.tree()
        try:
            async with desk.database.reading() as connection:
                proven = await prove_entry(connection, tree, position)
        except NoSuchProof:
            raise Problem(Kind.NOT_FOUND) from None
        return EvidenceProof(
            position=position,
            index=proven.index,
            size=proven.size,
            root=proven.root.hex(),
            leaf=proven.leaf_hash.hex(),
            proof=[step.hex() for step in proven.proof],
        )


def _growth(router: APIRouter, desk: TreeDesk, reading: Any) -> None:
    @router.get(
        f"{_PATH}/growth",
        summary="增长证明 · Proof that the log only grew",
        dependencies=[reading],
    )
    async def growth(
        old_size: Annotated[Size, Query(ge=1)], size: Annotated[Size | None, Query()] = None
    ) -> EvidenceGrowth:
        """From one size to another, or to the newest checkpoint's."""
        newest = desk.tree()
        before = desk.folder.tree(old_size)
        after = desk.folder.tree(newest.size if size is None else size)
        if not old_size <= after.size <= newest.size:
            raise Problem(Kind.NOT_FOUND)
        return EvidenceGrowth(
            old_size=old_size,
            old_root=before.root().hex(),
            size=after.size,
            root=after.root().hex(),
            proof=[step.hex() for step in prove_growth(after, before)],
        )


def _tile(tree: TiledTree, address: str) -> bytes | None:
    wanted = parse_tile(address)
    if wanted is None or wanted[2] > width_of(tree.size, wanted[0], wanted[1]):
        return None
    level, number, width = wanted
    try:
        return b"".join(tree.tile(level, number)[:width])
    except DamagedTiles:
        return None
