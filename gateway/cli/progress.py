"""A bar on standard error: how many of a list's rows are done."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

_UNDER_WAY = ("searching", "accepted")


class Watch:
    """The bar; before there is anything to count it says what is going on."""

    def __init__(self, progress: Progress, words: str) -> None:
        self._progress = progress
        self._task = progress.add_task(words, total=None)

    def update(self, intake: Mapping[str, Any]) -> None:
        """Show how an intake stands."""
        under_way = [row["count"] for row in intake["situations"] if row["state"] in _UNDER_WAY]
        self.show("办理 · carrying", intake["rows"] - sum(under_way), intake["rows"])

    def show(self, words: str, done: int, total: int) -> None:
        """Show how many of all are done."""
        self._progress.update(self._task, description=words, total=total, completed=done)


@contextmanager
def watching(words: str) -> Iterator[Watch]:
    """A bar until the block is left; on a terminal only."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    console = Console(stderr=True)
    shown = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not shown) as progress:
        yield Watch(progress, words)
