-- Tubes by the site that ordered and class of minutes of one time.
SELECT ordering_site_id, bucket, sum(tubes)::bigint AS tubes
  FROM leg_month
 WHERE laboratory_id = %(laboratory)s::bigint AND leg = %(leg)s AND month >= %(since)s::date AND month < %(until)s::date
   AND (%(urgency)s = '' OR urgency = %(urgency)s)
 GROUP BY 1, 2;
