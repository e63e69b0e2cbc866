-- Keep the composed reports of a batch; a version that somebody else kept first is left as it is.
INSERT INTO report (ordering_site_id, laboratory_id, order_id, patient_id, version, kind, content,
                    released_at, released_by, seen_by)
SELECT one.ordering_site, one.laboratory, one.order_id, one.patient, one.version, one.kind, one.content::jsonb,
       %(at)s, %(by)s, ''
  FROM unnest(%(ordering_sites)s::bigint[], %(laboratories)s::bigint[], %(orders)s::bigint[], %(patients)s::bigint[],
              %(versions)s::int[], %(kinds)s::text[], %(contents)s::text[])
       AS one (ordering_site, laboratory, order_id, patient, version, kind, content)
    ON CONFLICT (order_id, version) DO NOTHING;
