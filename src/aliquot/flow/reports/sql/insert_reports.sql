-- Keep the composed reports of a batch; a version that somebody else kept first is left as it is.
INSERT INTO report (ordering_site_id, laboratory_id, order_id, patient_id, version, kind, content,
                    released_at, released_by, seen_by)
SELECT ordering_site_id, laboratory_id, order_id, patient_id, version, kind, content, %(at)s::timestamptz, %(by)s::text, ''
  FROM json_to_recordset(%(rows)s::json) AS given (
           ordering_site_id bigint, laboratory_id bigint, order_id bigint, patient_id bigint, version integer, kind text,
           content jsonb)
    ON CONFLICT (order_id, version) DO NOTHING
RETURNING id;
