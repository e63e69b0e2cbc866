-- Keep the composed reports of a batch; a version that somebody else kept first is left as it is.
INSERT INTO report (ordering_site_id, laboratory_id, order_id, patient_id, version, kind, content,
                    released_at, released_by, seen_by)
SELECT given.ordering_site_id, given.laboratory_id, given.order_id, given.patient_id, given.version, given.kind,
       given.content::json, %(at)s::timestamptz, %(by)s::text, ''
  FROM unnest(%(ordering_sites)s::bigint[], %(laboratories)s::bigint[], %(orders)s::bigint[], %(patients)s::bigint[],
              %(versions)s::integer[], %(kinds)s::text[], %(contents)s::text[])
       AS given (ordering_site_id, laboratory_id, order_id, patient_id, version, kind, content)
    ON CONFLICT (order_id, version) DO NOTHING
RETURNING id;
