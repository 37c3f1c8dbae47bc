"""How the evidence is kept and who witnesses it."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gateway.settings.kinds import Address, Part

# What entries say of children is kept for so long at least, whatever a configuration says.
OPERATION_FLOOR_DAYS = 184
PROVISION_FLOOR_DAYS = 1096


class Evidence(Part):
    """Where the tree lies, how it is hashed, and the witness, where there is one."""

    # Beside an embedded store, or beside the keys, where it is not given.
    folder: Path | None = None
    hash: Literal["sha256", "sm3"] = "sha256"
    checkpoint_seconds: Annotated[float, Field(ge=1, le=600)] = 5.0
    heartbeat_seconds: Annotated[float, Field(ge=10, le=3600)] = 60.0
    operation_days: Annotated[int, Field(ge=OPERATION_FLOOR_DAYS, le=36_600)] = 1096
    provision_days: Annotated[int, Field(ge=PROVISION_FLOOR_DAYS, le=36_600)] = 1827
    witness_url: Address = ""
    witness_key: str = ""
    # How long the rest goes on while the witness is away; then nothing new is accepted.
    witness_away_hours: Annotated[float, Field(gt=0, le=720)] = 4.0

    @model_validator(mode="after")
    def _a_witness_has_a_key(self) -> "Evidence":
        if bool(self.witness_url) != bool(self.witness_key):
            raise ValueError("a witness has an address and a key")
        return self
