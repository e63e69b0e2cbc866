-- Keep a batch of messages, in order, each with the bytes that carried it, and wake whoever reads them on commit.
WITH given AS MATERIALIZED (
    SELECT *, CASE WHEN traffic IS NOT NULL THEN nextval('traffic_id_seq') END AS traffic_id
      FROM unnest(%(laboratories)s::bigint[], %(analyzers)s::bigint[], %(outgoing)s::boolean[],
                  %(moments)s::timestamptz[], %(connections)s::text[], %(contents)s::bytea[], %(states)s::text[],
                  %(problems)s::text[], %(controls)s::text[], %(device_moments)s::timestamptz[],
                  %(requests)s::bigint[],
                  %(begun)s::timestamptz[], %(ended)s::timestamptz[], %(read)s::integer[], %(written)s::integer[],
                  %(traffic)s::bytea[])
           WITH ORDINALITY AS given (laboratory_id, analyzer_id, is_outgoing, received_at, connection, content, state,
                                     problems, control_id, device_at, request_id, began_at, ended_at, bytes_in,
                                     bytes_out, traffic, place)
), stretch AS (
    INSERT INTO traffic (id, laboratory_id, analyzer_id, connection, began_at, ended_at, bytes_in, bytes_out, content)
    SELECT traffic_id, laboratory_id, analyzer_id, connection, began_at, ended_at, bytes_in, bytes_out, traffic
      FROM given
     WHERE traffic_id IS NOT NULL
), kept AS (
    INSERT INTO message (laboratory_id, analyzer_id, is_outgoing, received_at, connection, content, digest, control_id,
                         device_at, traffic_id, request_id, state, problems, decided_by)
    SELECT laboratory_id, analyzer_id, is_outgoing, received_at, connection, content, sha256(content), control_id,
           device_at, traffic_id, request_id, state, problems::jsonb, ''
      FROM given
     ORDER BY place
    RETURNING id
)
SELECT id, (SELECT pg_notify('aliquot_work', '')) AS told FROM kept ORDER BY id;
