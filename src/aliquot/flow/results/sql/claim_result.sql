-- Somebody looks at a result that waits: it is his unless a colleague looks at it, or he takes it over.
INSERT INTO result_claim AS c (ordering_site_id, laboratory_id, result_id, by, since, until)
SELECT r.ordering_site_id, r.laboratory_id, r.id, %(by)s, %(at)s, %(until)s
  FROM result r
 WHERE r.id = %(result)s AND r.state = 'held'
    ON CONFLICT (result_id) DO UPDATE
   SET since = CASE WHEN c.by = excluded.by THEN c.since ELSE excluded.since END, by = excluded.by, until = excluded.until
 WHERE c.by = excluded.by OR c.until <= %(at)s OR %(take_over)s;
