"""Claims of prior learning, and the decision on each."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "prior_learning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employment_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.Integer(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("fact", sa.String(length=36), nullable=False),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=500), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["employment_id"], ["employment.id"], name=op.f("fk_prior_learning_employment_id_employment")
        ),
        sa.ForeignKeyConstraint(
            ["module_id"], ["module.id"], name=op.f("fk_prior_learning_module_id_module")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["account.id"], name=op.f("fk_prior_learning_submitted_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_prior_learning_decided_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prior_learning")),
        sa.UniqueConstraint("fact", name=op.f("uq_prior_learning_fact")),
    )
    for column in ("employment_id", "module_id", "state"):
        op.create_index(op.f(f"ix_prior_learning_{column}"), "prior_learning", [column])


def downgrade() -> None:
    op.drop_table("prior_learning")
