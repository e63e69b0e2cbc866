-- Who looks at these results now.
SELECT result_id, by, since, until
  FROM result_claim
 WHERE result_id = ANY(%(ids)s::bigint[]) AND until > %(at)s
 ORDER BY result_id;
