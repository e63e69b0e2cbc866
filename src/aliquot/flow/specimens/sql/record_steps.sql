-- Keep one step of the journey of each of these tubes.
INSERT INTO specimen_event (specimen_id, kind, at, recorded_at, by, site_id, detail, ordering_site_id, laboratory_id)
SELECT s.id, %(kind)s, %(at)s, %(recorded_at)s, %(by)s, %(site)s, coalesce(step.detail, '{}'), s.ordering_site_id, s.laboratory_id
  FROM unnest(%(specimens)s::bigint[], %(details)s::jsonb[]) AS step (specimen_id, detail)
  JOIN specimen s ON s.id = step.specimen_id;
