-- Values of a test in the same tube on two analyzers, or the first and the last on one: tube, patient, moment, both values.
WITH measured AS MATERIALIZED (
    SELECT r.id, r.specimen_id, r.patient_id, r.analyzer_id, r.value, r.measured_at
      FROM result r
     WHERE r.laboratory_id = %(laboratory)s AND r.test_id = %(test)s AND r.analyzer_id IN (%(first)s, %(second)s)
       AND r.id >= results_since(%(since)s::timestamptz) AND r.id < month_begins(%(until)s::timestamptz + interval '32 days')
       AND r.measured_at >= %(since)s AND r.measured_at < %(until)s
       AND r.version = 1 AND r.reading_id IS NOT NULL AND r.value IS NOT NULL AND r.comparator = ''
       -- an amended value turned out wrong like a withdrawn one; a repeat alone says nothing against the first value
       AND (r.state IN ('recorded', 'held', 'released', 'kept')
            OR (r.state = 'refused' AND r.reasons @> '[{"code": "repeat"}]'))
), earliest AS (
    SELECT DISTINCT ON (specimen_id) * FROM measured WHERE analyzer_id = %(first)s ORDER BY specimen_id, measured_at, id
), latest AS (
    SELECT DISTINCT ON (m.specimen_id) m.specimen_id, m.value
      FROM measured m JOIN earliest e ON e.specimen_id = m.specimen_id AND e.id <> m.id
     WHERE m.analyzer_id = %(second)s
     ORDER BY m.specimen_id, m.measured_at DESC, m.id DESC
)
SELECT s.number AS tube, e.patient_id, e.measured_at, e.value AS first, l.value AS second
  FROM earliest e
  JOIN latest l ON l.specimen_id = e.specimen_id
  JOIN specimen s ON s.id = e.specimen_id
 WHERE %(tubes)s::text[] IS NULL OR s.number = ANY (%(tubes)s::text[])
 ORDER BY e.measured_at, s.number
 LIMIT %(most)s;
