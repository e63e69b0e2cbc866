-- Computed values that no longer follow from their inputs leave: a released one is replaced, another is not reported.
UPDATE result r
   SET state = CASE WHEN r.state = 'released' THEN 'superseded' ELSE 'kept' END, decided_at = %(at)s
 WHERE r.id = ANY(%(ids)s::bigint[]) AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[])
   AND r.state || '' IN ('recorded', 'held', 'released');
