"""Remember which list made a row, and the start that a list gave."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0050"
TABLES = ("person", "employment", "post", "exemption", "person_link")


def upgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("role_list_id", sa.Integer(), nullable=True))
            batch.create_foreign_key(
                op.f(f"fk_{table}_role_list_id_role_list"), "role_list", ["role_list_id"], ["id"]
            )
    op.add_column("post", sa.Column("listed_start", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("post", "listed_start")
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_role_list_id_role_list"), type_="foreignkey")
            batch.drop_column("role_list_id")
