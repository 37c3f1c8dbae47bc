"""How witnessing fails."""

from contracts.errors import JisuiError


class WitnessAway(JisuiError):
    """The witness gives no answer that holds; what was signed waits for it."""


class Unwitnessed(JisuiError):
    """What must be witnessed cannot be at the moment; `done` says whether it is on record."""

    def __init__(self, *, done: bool) -> None:
        super().__init__("the witness is away")
        self.done = done


class EvidenceStopped(JisuiError):
    """The witness has been away for too long: nothing new is put on record."""

    def __init__(self) -> None:
        super().__init__(
            "见证服务长时间不可用，或数据库与已签署的日志不符，暂停受理 · nothing new is accepted:"
            " the witness has been away for too long, or the store is not the log that was signed"
        )
