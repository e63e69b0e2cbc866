-- The counted times of a year: for every day, site that orders, leg and urgency, tubes in a dozen classes of time.
WITH made AS (
    INSERT INTO leg_day (laboratory_id, ordering_site_id, day, leg, urgency, bucket, tubes)
    SELECT %(hub)s, site.id, d::date, leg, urgency, 24 + step, 1 + floor(random() * 20)::integer
      FROM generate_series(%(begin)s::timestamptz, %(end)s::timestamptz, interval '1 day') AS d,
           unnest(%(legs)s::text[]) AS leg,
           unnest(%(urgencies)s::text[]) AS urgency,
           generate_series(1, 12) AS step,
           site
     WHERE site.laboratory_id = %(hub)s
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM made;
