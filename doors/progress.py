"""A progress display on standard error: a bar on a terminal, plain lines elsewhere."""

from dataclasses import dataclass
from typing import TextIO

BAR = 28
PLAIN_LINES = 5


@dataclass
class Progress:
    """How far a known number of steps has come."""

    stream: TextIO
    total: int
    done: int = 0
    said: int = -1

    def reach(self, done: int, words: str) -> None:
        """Show that so many steps are done; going backwards is not shown."""
        self.done = max(self.done, min(done, self.total))
        if self.stream.isatty():
            self._draw(words)
        else:
            self._say(words)

    def close(self) -> None:
        """Leave the line."""
        if self.stream.isatty():
            self.stream.write("\n")

    def _draw(self, words: str) -> None:
        full = BAR * self.done // self.total
        bar = "█" * full + "·" * (BAR - full)
        self.stream.write(f"\r\x1b[K  {bar} {100 * self.done // self.total:3d}%  {words}")
        self.stream.flush()

    def _say(self, words: str) -> None:
        part = PLAIN_LINES * self.done // self.total
        if part > self.said:
            self.said = part
            self.stream.write(f"  {100 * self.done // self.total}%  {words}\n")
            self.stream.flush()
