-- How soon critical values were told, by ward of the site that ordered: minutes from decision to receipt, and shares.
SELECT g.name_en AS site_en, g.name_ru AS site_ru, c.ward, count(*) AS calls,
       count(*) FILTER (WHERE c.state = 'closed') AS told,
       count(*) FILTER (WHERE c.state = 'closed' AND c.closed_at <= c.due_at) AS on_time,
       count(*) FILTER (WHERE c.state = 'closed' AND c.told_to <> '' AND c.read_back <> '') AS complete,
       (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.closed_at - c.opened_at) / 60)
           FILTER (WHERE c.state = 'closed'))::float8 AS p50,
       (percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM c.closed_at - c.opened_at) / 60)
           FILTER (WHERE c.state = 'closed'))::float8 AS p95
  FROM critical_call c
  JOIN site g ON g.id = c.ordering_site_id
 WHERE c.laboratory_id = %(laboratory)s AND c.opened_at >= %(since)s AND c.opened_at < %(until)s
   AND c.kind <> 'withdrawal' AND c.state IN ('open', 'closed')
 GROUP BY GROUPING SETS ((g.name_en, g.name_ru, c.ward), ())
 ORDER BY g.name_en NULLS FIRST, c.ward;
