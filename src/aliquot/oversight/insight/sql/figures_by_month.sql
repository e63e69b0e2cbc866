-- Every indicator of a laboratory by month.
SELECT month, code, sum(numerator)::bigint AS numerator, sum(denominator)::bigint AS denominator
  FROM indicator_month
 WHERE laboratory_id = %(laboratory)s::bigint AND month >= %(since)s::date AND month < %(until)s::date
 GROUP BY 1, 2
 ORDER BY 1, 2;
