-- What laboratories added to the drivers of these analyzers.
SELECT analyzer_id, kind, term, meaning, factor
  FROM driver_adaptation
 WHERE analyzer_id = ANY(%(analyzers)s::bigint[])
 ORDER BY analyzer_id, kind, term;
