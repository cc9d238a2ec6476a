"""Remember the columns of role lists."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "role_list_columns",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_role_list_columns_decided_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_role_list_columns_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_role_list_columns")),
    )


def downgrade() -> None:
    op.drop_table("role_list_columns")
