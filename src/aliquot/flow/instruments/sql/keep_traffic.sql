-- Keep stretches of bytes that carried no message.
INSERT INTO traffic (laboratory_id, analyzer_id, connection, began_at, ended_at, bytes_in, bytes_out, content)
SELECT * FROM unnest(%(laboratories)s::bigint[], %(analyzers)s::bigint[], %(connections)s::text[],
                     %(begun)s::timestamptz[], %(ended)s::timestamptz[], %(read)s::integer[], %(written)s::integer[],
                     %(traffic)s::bytea[]);
