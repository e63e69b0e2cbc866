-- Count the tubes that a laboratory took in or missed on one day, by site and indicator, and keep each case.
WITH definition AS MATERIALIZED (
    SELECT * FROM unnest(%(codes)s::text[], %(populations)s::text[]) AS d (code, population)),
step AS MATERIALIZED (
    SELECT e.specimen_id, e.kind, min(e.at) AS at
      FROM specimen_event e
     WHERE e.recorded_at >= %(since)s::timestamptz AND e.recorded_at < %(until)s::timestamptz
       AND e.laboratory_id = %(laboratory)s::bigint AND e.kind IN ('taken_in', 'missing', 'recollection_requested')
     GROUP BY e.specimen_id, e.kind),
tube AS MATERIALIZED (
    SELECT s.id, step.kind, step.at, s.ordering_site_id, s.order_id, s.replaces_id, s.condition, late.is_late, o.ward = '' AS is_outpatient,
           CASE step.kind
                WHEN 'missing' THEN ARRAY['expected']
                WHEN 'taken_in' THEN ARRAY['expected', 'taken_in']
                     || CASE WHEN o.ward = '' THEN ARRAY['outpatient'] ELSE ARRAY[]::text[] END
                     || CASE WHEN late.is_late IS NULL THEN ARRAY[]::text[] ELSE ARRAY['travelled'] END
                     || ARRAY(SELECT p.name FROM unnest(%(names)s::text[], %(containers)s::text[]) AS p (name, container)
                               WHERE p.container = c.code)
                ELSE ARRAY['drawn_again'] END AS populations
      FROM step
      JOIN specimen s ON s.id = step.specimen_id
      JOIN container c ON c.id = s.container_id
      JOIN lab_order o ON o.id = s.order_id
      LEFT JOIN LATERAL (
           SELECT coalesce(s.arrived_at > b.due_at + make_interval(mins => %(late_minutes)s::integer), false) AS is_late
             FROM box_item i JOIN box b ON b.id = i.box_id
            WHERE i.number = s.number AND b.picked_up_at IS NOT NULL
            ORDER BY b.picked_up_at DESC LIMIT 1) late ON step.kind = 'taken_in'
     WHERE step.kind <> 'missing' OR s.accepted_at IS NULL),
found AS (
    SELECT t.id, r.ifcc_indicator AS code
      FROM tube t
      JOIN specimen_test x ON x.specimen_id = t.id AND x.state = 'rejected'
      JOIN rejection_reason r ON r.id = x.rejection_reason_id
     WHERE t.kind = 'taken_in' AND r.ifcc_indicator <> 'Pre-NotRec'
    UNION SELECT id, 'Pre-HemV' FROM tube WHERE kind = 'taken_in' AND condition @> '["HAEM"]'
    UNION SELECT id, 'Own-TransLate' FROM tube WHERE kind = 'taken_in' AND is_late
    UNION SELECT id, 'Pre-NotRec' FROM tube WHERE kind = 'missing'
    UNION SELECT id, 'Own-Recoll' FROM tube WHERE kind = 'recollection_requested'
    UNION SELECT id, 'Out-RecOutp' FROM tube WHERE kind = 'recollection_requested' AND is_outpatient
    UNION SELECT t.id, 'Out-RecLab'
      FROM tube t
      JOIN specimen old ON old.id = t.replaces_id
     WHERE t.kind = 'recollection_requested'
       AND EXISTS (SELECT FROM specimen_event e
                    WHERE e.specimen_id = old.id AND e.kind = 'tests_rejected' AND e.detail ->> 'reason' = ANY (%(spoilt)s::text[])
                      AND e.at > old.accepted_at + make_interval(mins => %(spoilt_after_minutes)s::integer))),
kept AS (
    INSERT INTO indicator_case (day, laboratory_id, ordering_site_id, code, specimen_id, order_id, at, label)
    SELECT %(day)s::date, %(laboratory)s::bigint, t.ordering_site_id, f.code, coalesce(t.replaces_id, t.id), t.order_id, t.at, ''
      FROM found f
      JOIN definition d ON d.code = f.code
      JOIN tube t ON t.id = f.id
       AND CASE WHEN f.code IN ('Own-Recoll', 'Out-RecOutp') THEN t.kind = 'recollection_requested'
                ELSE d.population = ANY (t.populations) END
    RETURNING ordering_site_id, code),
cases AS (SELECT ordering_site_id, code, count(*) AS n FROM kept GROUP BY ordering_site_id, code),
population AS (
    SELECT t.ordering_site_id, p.name, count(*) AS n FROM tube t CROSS JOIN unnest(t.populations) AS p (name) GROUP BY 1, 2),
base AS (
    SELECT p.ordering_site_id, d.code, p.n FROM population p JOIN definition d ON d.population = p.name)
INSERT INTO indicator_day (day, laboratory_id, ordering_site_id, code, numerator, denominator)
SELECT %(day)s::date, %(laboratory)s::bigint, ordering_site_id, code, coalesce(c.n, 0), coalesce(b.n, 0)
  FROM base b FULL JOIN cases c USING (ordering_site_id, code);
