"""Keep activities that somebody pointed at a module."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    op.add_column(
        "module_alias", sa.Column("pointed", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    event = sa.table("audit_event", sa.column("action", sa.String), sa.column("detail", sa.JSON))
    alias = sa.table("module_alias", sa.column("alias", sa.String), sa.column("pointed", sa.Boolean))
    connection = op.get_bind()
    acts = connection.execute(
        sa.select(event.c.detail).where(event.c.action == "module.pointed_at")
    ).scalars()
    for iri in {detail["activity"] for detail in acts}:
        connection.execute(sa.update(alias).where(alias.c.alias == iri).values(pointed=True))


def downgrade() -> None:
    with op.batch_alter_table("module_alias") as batch:
        batch.drop_column("pointed")
