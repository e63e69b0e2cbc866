-- Changes with every change of what decisions go by: the catalogue, the sites, the rule sets in force, what is suspended.
-- Each row counts by the place and hand of its version, so a change counts from the commit that made it.
SELECT current_database() || ':' || count(*) || ':' || coalesce(sum(hashtextextended(place, 0)), 0)
  FROM (SELECT 't' || xmin::text || ctid::text AS place FROM test
        UNION ALL
        SELECT 'i' || xmin::text || ctid::text FROM reference_interval
        UNION ALL
        SELECT 'l' || xmin::text || ctid::text FROM site
        UNION ALL
        SELECT 'r' || id || ':' || digest FROM rule_set
         WHERE active_from <= %(at)s AND (active_until IS NULL OR active_until > %(at)s)
        UNION ALL
        SELECT 's' || id FROM suspension WHERE ended_at IS NULL) kept;
