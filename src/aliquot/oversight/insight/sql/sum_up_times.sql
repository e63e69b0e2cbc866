-- The times of a month by class, each the sum of its days.
INSERT INTO leg_month (month, laboratory_id, ordering_site_id, leg, urgency, bucket, tubes)
SELECT %(month)s::date, %(laboratory)s::bigint, ordering_site_id, leg, urgency, bucket, sum(tubes)
  FROM leg_day
 WHERE laboratory_id = %(laboratory)s::bigint AND day >= %(month)s::date AND day < %(until)s::date
 GROUP BY ordering_site_id, leg, urgency, bucket;
