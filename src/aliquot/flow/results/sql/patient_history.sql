-- The newest released values of a patient for each of these tests, by time of collection; months from one on.
SELECT e.id AS result_id, wanted.id AS test_id, e.order_id, e.collected_at, e.value, e.value_text, e.comparator,
       e.unit, e.flag, e.low, e.high, e.version, e.released_at
  FROM unnest(%(tests)s::bigint[]) AS wanted (id)
 CROSS JOIN LATERAL (
       SELECT *
         FROM result r
        WHERE r.patient_id = %(patient)s AND r.test_id = wanted.id AND r.state = 'released'
          AND r.id >= %(low)s
        ORDER BY r.collected_at DESC
        LIMIT %(limit)s) e
 ORDER BY wanted.id, e.collected_at DESC;
