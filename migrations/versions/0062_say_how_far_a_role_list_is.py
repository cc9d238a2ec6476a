"""Say how far a role list is."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"


def upgrade() -> None:
    op.create_table(
        "role_list_progress",
        sa.Column("role_list_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=32), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_list_id"], ["role_list.id"], name=op.f("fk_role_list_progress_role_list_id_role_list")
        ),
        sa.PrimaryKeyConstraint("role_list_id", name=op.f("pk_role_list_progress")),
    )


def downgrade() -> None:
    op.drop_table("role_list_progress")
