"""Hostile documents, as envelopes and inside them: nothing is opened, called or believed.

The kernel itself is asked what was opened (inotify), and a listening socket whether anybody came:
libxml2 opens files below Python, where an audit hook sees nothing.
"""

import contextlib
import ctypes
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pytest
from lxml import etree

from adapters.population.nciic.answers import read_verdicts
from adapters.population.nciic.contract import NAMESPACE, load_schemas
from adapters.population.nciic.envelope import read_envelope
from adapters.transport import Answer
from contracts.capabilities import Claim, Verdict
from contracts.errors import Unreadable
from contracts.outcomes import Outcome
from tests.adapters.population.hostile_documents import ROW, Hostile, hostile_documents

SCHEMAS = load_schemas()
ASKED = (Claim("999999201801010014", "测试甲"),)
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
IN_OPEN = 0x20
NAMES = [each.name for each in hostile_documents("", "", "")]


@dataclass(frozen=True, slots=True)
class Trap:
    """A watched folder with a file in it, and a socket that somebody may call."""

    file: Path
    watch: int
    listener: socket.socket

    def documents(self) -> dict[str, Hostile]:
        host, port = self.listener.getsockname()
        made = hostile_documents(str(self.file), str(self.file.parent), f"http://{host}:{port}")
        return {each.name: each for each in made}

    def sprung(self) -> bool:
        """Whether a file was opened or a call came since the last time."""
        return self._opened() or self._called()

    def _opened(self) -> bool:
        try:
            return bool(os.read(self.watch, 4096))
        except BlockingIOError:
            return False

    def _called(self) -> bool:
        try:
            self.listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Trap]:
    file = tmp_path / "secret.txt"
    file.write_text("一致", "utf-8")
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    assert libc.inotify_add_watch(watch, os.fsencode(tmp_path), IN_OPEN) > 0
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield Trap(file, watch, listener)
    os.close(watch)


def inner(hostile: Hostile) -> str:
    declared = '<?xml version="1.0" encoding="UTF-8"?>'
    before = hostile.before.replace("DOCTYPE r", "DOCTYPE ROWS").replace("ATTLIST r", "ATTLIST ROW")
    return f"{declared}{before}<ROWS {hostile.root}>{ROW.format(said=hostile.inside)}</ROWS>"


def outer(hostile: Hostile) -> str:
    rows = escape(f"<ROWS>{ROW.format(said='一致')}</ROWS>", quote=False)
    out = rows.replace("一致", hostile.inside) if hostile.inside != "一致" else rows
    before = hostile.before.replace("DOCTYPE r", "DOCTYPE s:Envelope")
    return (
        f'<?xml version="1.0"?>{before}<s:Envelope xmlns:s="{SOAP}" {hostile.root}><s:Body>'
        f'<nciicCheckResponse xmlns="{NAMESPACE}"><out>{out}</out></nciicCheckResponse>'
        "</s:Body></s:Envelope>"
    )


def read(envelope: str) -> tuple[Verdict, ...]:
    answer = Answer(200, {"content-type": "text/xml;charset=UTF-8"}, envelope.encode())
    return read_verdicts(read_envelope(answer, SCHEMAS.envelope), ASKED, SCHEMAS.answer)


def wrapped(document: str) -> str:
    return outer(Hostile("")).partition("<out>")[0] + (
        f"<out>{escape(document, quote=False)}</out></nciicCheckResponse></s:Body></s:Envelope>"
    )


# Well-formed and without a declaration: the register said it, and nothing had to be fetched for it.
HARMLESS = {"a schema location": (Outcome.MATCH,)}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("within", [False, True], ids=["envelope", "document"])
def test_a_hostile_document_opens_nothing_calls_nobody_and_is_not_believed(
    trap: Trap, name: str, within: bool
) -> None:
    hostile = trap.documents()[name]
    text = wrapped(inner(hostile)) if within else outer(hostile)
    started = time.process_time()
    try:
        said = tuple(verdict.outcome for verdict in read(text))
    except Unreadable:
        said = (Outcome.UNKNOWN,)
    assert time.process_time() - started <= 1.0
    assert said in ((Outcome.UNKNOWN,), HARMLESS.get(name))
    assert not trap.sprung()


def test_sixty_documents_are_tried() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert 2 * len(NAMES) >= 60


@pytest.mark.parametrize("name", ["an entity of a file", "a parameter entity of a file"])
def test_the_trap_springs_for_a_careless_reader(trap: Trap, name: str) -> None:
    assert not trap.sprung()
    careless = etree.XMLParser(load_dtd=True, resolve_entities=True, no_network=False)
    with contextlib.suppress(etree.XMLSyntaxError):
        etree.fromstring(inner(trap.documents()[name]).encode(), careless)
    assert trap.sprung()


def test_the_trap_springs_for_a_caller(trap: Trap) -> None:
    with socket.create_connection(trap.listener.getsockname()):
        assert trap.sprung()
    assert not trap.sprung()
