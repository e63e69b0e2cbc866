-- Count the tubes whose report was completed on one day, by site, time and class of minutes, and keep the slowest of each.
WITH tube AS MATERIALIZED (
    SELECT s.id, r.ordering_site_id, r.order_id, o.urgency, o.placed_at, s.collected_at, s.arrived_at, s.accepted_at,
           r.released_at AS reported_at,
           (SELECT max(b.picked_up_at) FROM box_item i JOIN box b ON b.id = i.box_id WHERE i.number = s.number) AS picked_up_at
      FROM report r
      JOIN lab_order o ON o.id = r.order_id
      JOIN specimen s ON s.order_id = r.order_id AND s.accepted_at IS NOT NULL
     WHERE r.ordering_site_id = ANY (%(sites)s::bigint[]) AND r.laboratory_id = %(laboratory)s::bigint AND r.kind = 'final'
       AND r.released_at >= %(since)s::timestamptz AND r.released_at < %(until)s::timestamptz),
value AS MATERIALIZED (
    SELECT t.id, t.ordering_site_id, t.order_id, t.urgency, t.accepted_at, x.test_id, x.measured_at, x.released_at, t.reported_at
      FROM tube t
     CROSS JOIN LATERAL (
           SELECT r.test_id, r.measured_at, r.released_at FROM result r
            WHERE r.order_id = t.order_id AND r.specimen_id = t.id AND r.released_at IS NOT NULL AND r.version = 1
              AND r.id >= results_since(least(t.placed_at, %(since)s::timestamptz)) AND r.id < month_begins(%(until)s::timestamptz + interval '32 days')) x),
measured AS (
    SELECT id, max(measured_at) AS measured_at, max(released_at) AS released_at FROM value GROUP BY id),
span AS MATERIALIZED (
    SELECT t.id, t.ordering_site_id, t.order_id, t.urgency, t.reported_at, leg.code, leg.until - leg.since AS span
      FROM tube t
      LEFT JOIN measured m ON m.id = t.id
     CROSS JOIN LATERAL (VALUES
           ('collect', t.placed_at, t.collected_at), ('pick_up', t.collected_at, t.picked_up_at),
           ('arrive', t.picked_up_at, t.arrived_at), ('accept', t.arrived_at, t.accepted_at),
           ('measure', t.accepted_at, m.measured_at), ('release', m.measured_at, m.released_at),
           ('report', m.released_at, t.reported_at), ('whole', t.placed_at, t.reported_at)) AS leg (code, since, until)
     WHERE leg.since IS NOT NULL AND leg.until IS NOT NULL
    UNION ALL
    SELECT v.id, v.ordering_site_id, v.order_id, v.urgency, v.reported_at, d.leg, v.released_at - v.accepted_at
      FROM value v
      JOIN test t ON t.id = v.test_id
      JOIN unnest(%(legs)s::text[], %(tests)s::text[]) AS d (leg, test) ON d.test = t.code
     WHERE v.urgency = 'S' AND v.released_at IS NOT NULL),
timed AS MATERIALIZED (
    SELECT *, extract(epoch FROM span)::float8 / 60 AS minutes FROM span),
slow AS (
    INSERT INTO indicator_case (day, laboratory_id, ordering_site_id, code, specimen_id, order_id, at, minutes, label)
    SELECT %(day)s::date, %(laboratory)s::bigint, ordering_site_id, 'time:' || code, id, order_id, reported_at, minutes, urgency
      FROM (SELECT *, row_number() OVER (PARTITION BY ordering_site_id, code, urgency ORDER BY minutes DESC, id) AS place FROM timed) one
     WHERE place <= %(slowest)s::integer AND minutes >= 1)
INSERT INTO leg_day (day, laboratory_id, ordering_site_id, leg, urgency, bucket, tubes)
SELECT %(day)s::date, %(laboratory)s::bigint, ordering_site_id, code, urgency,
       CASE WHEN minutes < 0 THEN -1 WHEN minutes < 1 THEN 0
            ELSE 1 + floor(%(per_doubling)s::float8 * ln(minutes) / ln(2::float8))::integer END AS bucket, count(*)
  FROM timed
 GROUP BY ordering_site_id, code, urgency, bucket;
