-- Move tubes from the states they may be in to the next one and into the custody of a site; say which were moved.
UPDATE specimen s
   SET state = %(state)s, custody_site_id = coalesce(%(site)s::bigint, s.custody_site_id),
       lane = coalesce(%(lane)s::text, s.lane), arrived_at = coalesce(%(arrived_at)s::timestamptz, s.arrived_at)
 WHERE s.id = ANY(%(specimens)s::bigint[]) AND s.state = ANY(%(allowed)s::text[])
RETURNING s.id;
