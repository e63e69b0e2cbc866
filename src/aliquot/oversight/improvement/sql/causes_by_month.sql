-- How often each cause was found in what was raised in each month; what was found to be none is left out.
SELECT date_trunc('month', raised_at AT TIME ZONE %(time_zone)s::text)::date AS month, cause, count(*) AS count
  FROM nonconformity
 WHERE laboratory_id = %(laboratory)s::bigint
   AND raised_at >= %(since)s
   AND state <> 'dismissed'
 GROUP BY 1, 2
 ORDER BY 1, 2
