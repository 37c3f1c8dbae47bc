"""One process of a kind on an embedded store; any number on a shared one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from gateway.alone import alone
from gateway.settings import Settings


@contextmanager
def only_one(settings: Settings, kind: str) -> Iterator[None]:
    """On an embedded store, be the only process of this kind or raise `AlreadyRunning`."""
    if not settings.embedded:
        yield
        return
    with alone(Path(make_url(settings.database_url).database or ".").parent, kind):
        yield
