"""What can go wrong with a system we ask, arranged by what the asker does next.

    JisuiError
    └── SystemFailure           an exchange with a system failed
        ├── Unavailable         ask again later; nothing was changed over there
        │   └── Unreadable      its answer is outside the contract: not one word of it counts
        ├── Closed              outside its hours or quota: wait until `retry_after` has passed
        ├── TooMany             ask for fewer rows at once
        ├── Ambiguous           it cannot say what it dislikes: once more, then ask for fewer rows
        ├── Malformed           our question was wrong: stop and park, do not ask again
        ├── NotEntitled         our right to ask is in doubt: stop the lane, raise one alarm
        ├── OutcomeUnknown      a write left us and no receipt came: reconcile before sending again
        ├── NumberTaken         the number or the document is live elsewhere; says where
        └── ClosingRefused      the preschool register will not mark the record 升学

No message carries personal data; `code` is the system's own code, `fault` whose side failed.
"""

from typing import ClassVar


class JisuiError(Exception):
    """The root of everything this project raises on purpose."""


# A register that knows fewer changes than we have read: it was restored, or began anew.
CURSOR_AHEAD = "cursor_ahead"


class SystemFailure(JisuiError):
    """An exchange with a system that did not end in an answer we may use."""

    fault_is_ours: ClassVar[bool] = False

    def __init__(
        self, system: str, operation: str, code: str = "", *, retry_after: float | None = None
    ) -> None:
        """Name the system, the operation and its own code; `retry_after` is in seconds."""
        super().__init__(f"{system} {operation}: {type(self).__name__} {code}".rstrip())
        self.system = system
        self.operation = operation
        self.code = code
        self.retry_after = retry_after

    @property
    def fault(self) -> str:
        """Whose side failed: the system's name, or `gateway`."""
        return "gateway" if self.fault_is_ours else self.system


class Unavailable(SystemFailure):
    """The system gave no answer and changed nothing; ask again later."""


class Unreadable(Unavailable):
    """The system answered outside its contract; nothing in the answer is believed."""


class Closed(SystemFailure):
    """The system is outside its hours, or our quota is used up."""


class TooMany(SystemFailure):
    """The question held more rows than the system takes at once."""


class Ambiguous(SystemFailure):
    """The system refused without saying whether it or the question is at fault."""


class Malformed(SystemFailure):
    """The system calls our question wrong; asking again would not help."""

    fault_is_ours = True


class NotEntitled(SystemFailure):
    """Licence, address, account or billing: nobody's data until an operator has looked."""

    fault_is_ours = True


class OutcomeUnknown(SystemFailure):
    """A write left us and its receipt never came: it may or may not have been done."""


class NumberTaken(SystemFailure):
    """The student number or the document is live in the register already."""

    def __init__(self, system: str, operation: str, *, school: str, approved: bool) -> None:
        """Name the holder: its school's ten digits, and whether its record is approved."""
        super().__init__(system, operation, "number_taken")
        self.school = school
        self.approved = approved


class ClosingRefused(SystemFailure):
    """The preschool register refused the 升学 mark; its county has to act first."""
