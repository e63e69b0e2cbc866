-- Where a monitor stood in an interval: the lowest and the highest of each of so many parts of it, in order of time.
SELECT at, statistic
  FROM (SELECT p.at, p.statistic,
               row_number() OVER (PARTITION BY part ORDER BY p.statistic, p.at) AS from_below,
               row_number() OVER (PARTITION BY part ORDER BY p.statistic DESC, p.at) AS from_above
          FROM monitor_point p
         CROSS JOIN LATERAL width_bucket(extract(epoch FROM p.at)::double precision, extract(epoch FROM %(since)s::timestamptz)::double precision,
                                         extract(epoch FROM %(until)s::timestamptz)::double precision, %(parts)s) AS part
         WHERE p.monitor_id = %(monitor)s AND p.at >= %(since)s AND p.at <= %(until)s) parted
 WHERE from_below = 1 OR from_above = 1
 ORDER BY at;
