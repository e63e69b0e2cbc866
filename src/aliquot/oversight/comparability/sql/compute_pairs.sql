-- The tubes of a month that two analyzers measured for the same test, within some hours: the first value of each.
WITH measured AS MATERIALIZED (
    SELECT r.id, r.specimen_id, r.test_id, r.analyzer_id, r.laboratory_id, r.value, r.low, r.high, r.unit, r.measured_at
      FROM result r
     WHERE r.id >= results_since(%(since)s::timestamptz) AND r.id < month_begins(%(until)s::timestamptz + interval '32 days')
       AND r.measured_at >= %(since)s::timestamptz AND r.measured_at < %(until)s::timestamptz
       AND r.analyzer_id IS NOT NULL AND r.value IS NOT NULL AND r.comparator = '' AND r.version = 1
       -- an amended value turned out wrong like a withdrawn one; a repeat alone says nothing against the first value
       AND (r.state IN ('recorded', 'held', 'released', 'kept')
            OR (r.state = 'refused' AND r.reasons @> '[{"code": "repeat"}]'))),
twice AS MATERIALIZED (
    SELECT specimen_id, test_id FROM measured
     GROUP BY specimen_id, test_id HAVING min(analyzer_id) <> max(analyzer_id)),
one AS MATERIALIZED (
    SELECT DISTINCT ON (m.specimen_id, m.test_id, m.analyzer_id) m.*
      FROM measured m JOIN twice t ON t.specimen_id = m.specimen_id AND t.test_id = m.test_id
     ORDER BY m.specimen_id, m.test_id, m.analyzer_id, m.id)
INSERT INTO split_pair (month, laboratory_id, test_id, analyzer_id, other_id, specimen_id, level, value, other_value, measured_at)
SELECT %(month)s::date, a.laboratory_id, a.test_id, a.analyzer_id, b.analyzer_id, a.specimen_id,
       CASE WHEN (a.value + b.value) / 2 < coalesce(a.low, b.low) THEN 'low'
            WHEN (a.value + b.value) / 2 > coalesce(a.high, b.high) THEN 'high' ELSE 'within' END,
       a.value, b.value, greatest(a.measured_at, b.measured_at)
  FROM one a
  JOIN one b ON b.specimen_id = a.specimen_id AND b.test_id = a.test_id AND b.analyzer_id > a.analyzer_id AND b.unit = a.unit
 WHERE abs(extract(epoch FROM a.measured_at - b.measured_at)) <= 3600 * %(pair_hours)s::integer;
