-- How many results a stretch has that are decided again.
SELECT count(*)
  FROM result r
 WHERE r.id >= results_since(%(since)s::timestamptz) AND r.id < month_begins(%(until)s::timestamptz + interval '32 days')
   AND r.recorded_at >= %(since)s AND r.recorded_at < %(until)s AND r.supersedes_id IS NULL
   AND (%(laboratory)s::bigint IS NULL OR r.laboratory_id = %(laboratory)s);
