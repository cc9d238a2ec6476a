"""Competencies, what a title's role rests on, drafts and undo of the map, additions for one person."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "competency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("statement", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["level_id"], ["level.id"], name=op.f("fk_competency_level_id_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competency")),
        sa.UniqueConstraint("level_id", "position", name=op.f("uq_competency_level_id_position")),
    )
    with op.batch_alter_table("job_title_role") as batch_op:
        batch_op.add_column(
            sa.Column("basis", sa.String(length=16), nullable=False, server_default="confirmed")
        )
    with op.batch_alter_table("map_version") as batch_op:
        batch_op.add_column(sa.Column("base_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("undoes_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("from_day", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        for column in ("base_id", "undoes_id"):
            batch_op.create_foreign_key(
                batch_op.f(f"fk_map_version_{column}_map_version"), "map_version", [column], ["id"]
            )
            batch_op.create_index(batch_op.f(f"ix_map_version_{column}"), [column])
    with op.batch_alter_table("requirement") as batch_op:
        batch_op.add_column(sa.Column("employment_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_requirement_employment_id_employment"), "employment", ["employment_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_requirement_employment_id"), ["employment_id"])
    op.create_table(
        "addition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("requirement_term_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_addition_decided_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["requirement_term_id"],
            ["requirement_term.id"],
            name=op.f("fk_addition_requirement_term_id_requirement_term"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addition")),
        sa.UniqueConstraint("requirement_term_id", name=op.f("uq_addition_requirement_term_id")),
    )


def downgrade() -> None:
    op.drop_table("addition")
    with op.batch_alter_table("requirement") as batch_op:
        batch_op.drop_index(batch_op.f("ix_requirement_employment_id"))
        batch_op.drop_constraint(batch_op.f("fk_requirement_employment_id_employment"), type_="foreignkey")
        batch_op.drop_column("employment_id")
    with op.batch_alter_table("map_version") as batch_op:
        for column in ("base_id", "undoes_id"):
            batch_op.drop_index(batch_op.f(f"ix_map_version_{column}"))
            batch_op.drop_constraint(batch_op.f(f"fk_map_version_{column}_map_version"), type_="foreignkey")
        for column in ("revision", "from_day", "undoes_id", "base_id"):
            batch_op.drop_column(column)
    with op.batch_alter_table("job_title_role") as batch_op:
        batch_op.drop_column("basis")
    op.drop_table("competency")
