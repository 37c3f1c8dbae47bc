"""${message}.

Edition ${up_revision}, after ${down_revision or "the empty store"}.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this edition."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Go back to the edition before."""
    ${downgrades if downgrades else "pass"}
