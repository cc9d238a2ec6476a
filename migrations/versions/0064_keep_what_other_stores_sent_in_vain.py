"""Keep what other stores sent and the log cannot hold."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"


def upgrade() -> None:
    op.create_table(
        "statement_unkept",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["record_store.id"], name=op.f("fk_statement_unkept_store_id_record_store")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_unkept")),
        sa.UniqueConstraint("store_id", "fingerprint", name=op.f("uq_statement_unkept_store_id_fingerprint")),
    )


def downgrade() -> None:
    op.drop_table("statement_unkept")
