-- From the first and from the last byte of its message, how long until each released result could be seen.
-- OFFSET 0 goes from block to row to result by index; fresh rows have no statistics to plan by.
SELECT (seen.at - sent.began)::float8, (seen.at - sent.ended)::float8
  FROM bench_seen seen
 CROSS JOIN LATERAL (SELECT a.row_id FROM audit_row a
                      WHERE a.block_id = seen.block_id
                        AND (a.after ->> 'state' = 'released' OR a.after @> '["released"]') OFFSET 0) a
 CROSS JOIN LATERAL (SELECT r.specimen_id FROM result r WHERE r.id = a.row_id OFFSET 0) r
 CROSS JOIN LATERAL (SELECT s.number FROM specimen s WHERE s.id = r.specimen_id OFFSET 0) s
  JOIN bench_sent sent ON sent.number = s.number;
