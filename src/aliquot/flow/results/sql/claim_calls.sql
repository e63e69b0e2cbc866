-- Open calls whose ladder brings a step now, held; what another worker holds is its work.
SELECT c.id, c.ordering_site_id, c.laboratory_id, c.ward, c.ladder, c.step, c.opened_at,
       EXISTS (SELECT 1 FROM assignment a
                 JOIN person p ON p.id = a.person_id AND p.is_active
                WHERE a.site_id = c.ordering_site_id AND a.role = 'physician' AND a.since <= greatest(%(at)s, now())
                  AND (a.until IS NULL OR a.until > %(at)s)
                  AND works_for_operator(a.person_id, a.site_id, greatest(%(at)s, now()))) AS has_reader
  FROM critical_call c
 WHERE c.state = 'open' AND c.next_step_at <= %(at)s
 ORDER BY c.next_step_at, c.id
 LIMIT %(limit)s
   FOR NO KEY UPDATE OF c SKIP LOCKED;
