"""Why a request goes no further; what the outside learns of it is decided at the door."""

from contracts.errors import JisuiError


class Unauthenticated(JisuiError):
    """No token, or none that counts; `reason` is for our own counters only."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Denied(JisuiError):
    """Known, but not allowed; outside it reads exactly like absence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Stopped(JisuiError):
    """A person who was shown too many children, and is shown none until another lets them go on."""


class InvalidClient(JisuiError):
    """A client assertion that is not accepted; outside every reason reads the same."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HeaderMissing(JisuiError):
    """Headers the operation cannot do without were not sent."""

    def __init__(self, *names: str) -> None:
        super().__init__(", ".join(names))
        self.names = names


class HeaderMalformed(JisuiError):
    """A header's value is outside its form, or looks like a document number."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
