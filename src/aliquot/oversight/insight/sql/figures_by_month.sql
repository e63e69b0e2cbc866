-- Every indicator of a laboratory by month.
SELECT date_trunc('month', day)::date AS month, code, sum(numerator)::bigint AS numerator, sum(denominator)::bigint AS denominator
  FROM indicator_day
 WHERE laboratory_id = %(laboratory)s::bigint AND day >= %(since)s::date AND day < %(until)s::date
 GROUP BY 1, 2
 ORDER BY 1, 2;
