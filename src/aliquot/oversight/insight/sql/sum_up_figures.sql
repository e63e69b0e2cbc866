-- The figures of a month, each the sum of its days.
INSERT INTO indicator_month (month, laboratory_id, ordering_site_id, code, numerator, denominator)
SELECT %(month)s::date, %(laboratory)s::bigint, ordering_site_id, code, sum(numerator), sum(denominator)
  FROM indicator_day
 WHERE laboratory_id = %(laboratory)s::bigint AND day >= %(month)s::date AND day < %(until)s::date
 GROUP BY ordering_site_id, code;
