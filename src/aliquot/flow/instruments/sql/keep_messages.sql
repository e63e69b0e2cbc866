-- Keep a batch of messages, in order, and wake whoever reads them when this transaction commits.
WITH kept AS (
    INSERT INTO message (laboratory_id, analyzer_id, is_outgoing, received_at, connection, content, digest, state,
                         problems, decided_by)
    SELECT laboratory_id, analyzer_id, is_outgoing, received_at, connection, content, sha256(content), state,
           problems::jsonb, ''
      FROM unnest(%(laboratories)s::bigint[], %(analyzers)s::bigint[], %(outgoing)s::boolean[],
                  %(moments)s::timestamptz[], %(connections)s::text[], %(contents)s::bytea[], %(states)s::text[],
                  %(problems)s::text[])
           WITH ORDINALITY AS given (laboratory_id, analyzer_id, is_outgoing, received_at, connection, content, state,
                                     problems, place)
     ORDER BY place
    RETURNING id
)
SELECT id, (SELECT pg_notify('aliquot_work', '')) AS told FROM kept ORDER BY id;
