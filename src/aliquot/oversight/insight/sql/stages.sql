-- How many tubes stand at each stage of the way, as far as the reader may see them; late ones beside.
SELECT count(*) FILTER (WHERE state IN ('planned', 'labelled')) AS ordered,
       count(*) FILTER (WHERE state IN ('collected', 'packed')) AS collected,
       count(*) FILTER (WHERE state = 'in_transit') AS travelling,
       count(*) FILTER (WHERE state = 'arrived') AS at_reception,
       count(*) FILTER (WHERE state = 'missing') AS missing,
       (SELECT count(DISTINCT specimen_id) FROM specimen_test WHERE state = 'accepted') AS on_the_bench,
       (SELECT count(DISTINCT specimen_id) FROM result WHERE state = 'held') AS waiting_for_a_person,
       (SELECT count(*) FROM result WHERE state = 'held') AS results_held,
       (SELECT count(*) FROM report WHERE released_at >= %(since)s) AS reports_today,
       (SELECT count(*) FROM report WHERE released_at >= %(since)s AND seen_at IS NULL) AS reports_unseen,
       (SELECT count(*) FROM critical_call WHERE state = 'open') AS critical_open,
       (SELECT count(*) FROM critical_call WHERE state = 'open' AND due_at < %(now)s) AS critical_late
  FROM specimen
 WHERE state IN ('planned', 'labelled', 'collected', 'packed', 'in_transit', 'arrived', 'missing');
