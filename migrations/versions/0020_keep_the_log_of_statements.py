"""Keep the log of statements."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0041"

# On SQLite only a plain INTEGER key is the row's own number.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("statement", "attachment", "statement_decision")


def make_append_only() -> None:
    dialect = op.get_bind().dialect.name
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            if dialect == "sqlite":
                action = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            else:
                action = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {action}")
        if dialect == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def upgrade() -> None:
    op.create_table(
        "statement",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=True),
        sa.Column("store_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_statement")),
        sa.UniqueConstraint("statement_id", name=op.f("uq_statement_statement_id")),
    )
    op.create_table(
        "statement_term",
        sa.Column("term", NUMBER, autoincrement=False, nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("term", "seq", name=op.f("pk_statement_term")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "statement_ref",
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("target_id", "seq", name=op.f("pk_statement_ref")),
    )
    op.create_index("ix_statement_ref_seq", "statement_ref", ["seq"])
    op.create_table(
        "statement_void",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_statement_void")),
    )
    op.create_table(
        "attachment",
        sa.Column("sha2", sa.String(length=128), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha2", name=op.f("pk_attachment")),
    )
    op.create_table(
        "activity",
        sa.Column("term", NUMBER, autoincrement=False, nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_activity")),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("registration", sa.String(length=36), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.String(length=40), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("slot", name=op.f("uq_document_slot")),
    )
    op.create_index("ix_document_scope", "document", ["scope", "updated_at"])
    op.create_table(
        "record_store",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("username", sa.String(length=200), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("forwards", sa.Boolean(), nullable=False),
        sa.Column("pulls", sa.Boolean(), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("since", sa.String(length=40), nullable=True),
        sa.Column("more", sa.Text(), nullable=True),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_store")),
        sa.UniqueConstraint("name", name=op.f("uq_record_store_name")),
    )
    op.create_table(
        "statement_forward",
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("person", NUMBER, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"], ["record_store.id"], name=op.f("fk_statement_forward_store_id_record_store")
        ),
        sa.PrimaryKeyConstraint("store_id", "seq", name=op.f("pk_statement_forward")),
    )
    op.create_index("ix_statement_forward_person", "statement_forward", ["store_id", "person", "seq"])
    op.create_table(
        "actor_match",
        sa.Column("term", NUMBER, autoincrement=False, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_actor_match_person_id_person")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_actor_match_decided_by_id_account")
        ),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_actor_match")),
    )
    op.create_index(op.f("ix_actor_match_person_id"), "actor_match", ["person_id"])
    op.create_table(
        "statement_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_statement_decision_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_statement_decision_decided_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_decision")),
    )
    op.create_index(op.f("ix_statement_decision_seq"), "statement_decision", ["seq"])
    op.create_index(op.f("ix_statement_decision_person_id"), "statement_decision", ["person_id"])
    op.create_table(
        "reconciliation",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("about_term", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_reconciliation")),
    )
    op.create_index("ix_reconciliation_about", "reconciliation", ["reason", "about_term"])
    make_append_only()
    if op.get_bind().dialect.name == "postgresql":
        # Each writer takes a number, which keeps the places that it gives in the log apart from the others'.
        op.execute("CREATE SEQUENCE statement_node AS integer MINVALUE 0 MAXVALUE 511 CYCLE")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE statement_node")
    for table in (
        *("reconciliation", "statement_decision", "actor_match", "statement_forward", "record_store"),
        *("document", "activity", "attachment", "statement_void", "statement_ref"),
        *("statement_term", "statement"),
    ):
        op.drop_table(table)
