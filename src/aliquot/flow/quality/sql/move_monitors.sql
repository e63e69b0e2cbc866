-- Where monitors stand after a batch of results; `values` is the text of an array.
UPDATE monitor_state s
   SET values = given.values::double precision[], statistic = given.statistic,
       counted = given.counted, is_alarmed = given.is_alarmed, changed_at = %(at)s::timestamptz,
       in_limits_at = CASE WHEN given.is_alarmed THEN s.in_limits_at ELSE %(at)s::timestamptz END
  FROM json_to_recordset(%(rows)s::json) AS given (monitor_id bigint, values text, statistic double precision, counted bigint,
                                                   is_alarmed boolean)
 WHERE s.monitor_id = given.monitor_id;
