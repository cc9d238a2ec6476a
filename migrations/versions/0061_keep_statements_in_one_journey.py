"""Keep statements that concern nothing else in one journey."""

from alembic import op

revision = "0061"
down_revision = "0060"

# 22337 is the lock that lets a statement about another one wait for those who are writing, and them for it. Each
# statement below sees what was committed before it began: what was waited for as well.
KEEP = """
CREATE FUNCTION keep_statements(
    of_key integer, of_store integer, seqs bigint[], ids uuid[], payloads text[], terms bigint[], places bigint[],
    verbs jsonb
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(22337);
    LOCK TABLE statement IN ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM record_store WHERE forwards)
        OR EXISTS (SELECT FROM statement_ref WHERE target_id = ANY (ids))
        OR (SELECT value::jsonb FROM setting WHERE name = 'completion_verbs') IS DISTINCT FROM verbs
    THEN
        RETURN false;
    END IF;
    INSERT INTO statement (seq, statement_id, key_id, store_id, payload)
        SELECT seq, id, of_key, of_store, payload FROM unnest(seqs, ids, payloads) AS given(seq, id, payload);
    INSERT INTO statement_term (term, seq) SELECT * FROM unnest(terms, places);
    RETURN true;
END
$$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(KEEP)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "DROP FUNCTION keep_statements(integer, integer, bigint[], uuid[], text[], bigint[], bigint[], jsonb)"
        )
