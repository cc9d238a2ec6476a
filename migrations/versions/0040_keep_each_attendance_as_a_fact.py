"""Keep each attendance as a fact."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "register_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fact", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("employment_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["employment_id"], ["employment.id"], name=op.f("fk_register_fact_employment_id_employment")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["account.id"], name=op.f("fk_register_fact_made_by_id_account")
        ),
        sa.ForeignKeyConstraint(["module_id"], ["module.id"], name=op.f("fk_register_fact_module_id_module")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["training_session.id"],
            name=op.f("fk_register_fact_session_id_training_session"),
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by_id"], ["account.id"], name=op.f("fk_register_fact_superseded_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_fact")),
        sa.UniqueConstraint("fact", name=op.f("uq_register_fact_fact")),
    )
    with op.batch_alter_table("register_fact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_register_fact_employment_id"), ["employment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_fact_session_id"), ["session_id"], unique=False)


def downgrade() -> None:
    op.drop_table("register_fact")
