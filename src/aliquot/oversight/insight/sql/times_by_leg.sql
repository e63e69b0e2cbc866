-- Tubes by time and class of minutes in some months of a laboratory, of one urgency or site when one is named.
SELECT leg, bucket, sum(tubes)::bigint AS tubes
  FROM leg_month
 WHERE laboratory_id = %(laboratory)s::bigint AND month >= %(since)s::date AND month < %(until)s::date
   AND (%(urgency)s = '' OR urgency = %(urgency)s) AND (%(site)s::bigint IS NULL OR ordering_site_id = %(site)s::bigint)
 GROUP BY leg, bucket;
