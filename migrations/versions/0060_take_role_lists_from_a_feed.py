"""Take role lists from a feed, each once, and tell HR what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0043"


def upgrade() -> None:
    op.add_column("role_list", sa.Column("fed_by", sa.String(length=64), nullable=True))
    op.add_column("role_list", sa.Column("fingerprint", sa.String(length=64), nullable=True))
    op.create_index("uq_role_list_fed", "role_list", ["organisation_id", "as_at", "fingerprint"], unique=True)
    op.create_table(
        "feed_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("role_list_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_feed_letter_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["role_list_id"], ["role_list.id"], name=op.f("fk_feed_letter_role_list_id_role_list")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_letter")),
        sa.UniqueConstraint("uuid", name=op.f("uq_feed_letter_uuid")),
        sa.UniqueConstraint(
            "role_list_id",
            "account_id",
            "outcome",
            name=op.f("uq_feed_letter_role_list_id_account_id_outcome"),
        ),
    )
    op.create_index("ix_feed_letter_account_id", "feed_letter", ["account_id"])
    op.create_index("ix_feed_letter_state", "feed_letter", ["state"])


def downgrade() -> None:
    op.drop_table("feed_letter")
    op.drop_index("uq_role_list_fed", table_name="role_list")
    op.drop_column("role_list", "fingerprint")
    op.drop_column("role_list", "fed_by")
