-- Changes with every change of a test or an interval of the catalogue: each row counts by the place and hand of its version.
SELECT current_database() || ':' || count(*) || ':' || coalesce(sum(hashtextextended(place, 0)), 0)
  FROM (SELECT 't' || xmin::text || ctid::text AS place FROM test
        UNION ALL
        SELECT 'i' || xmin::text || ctid::text FROM reference_interval) kept;
