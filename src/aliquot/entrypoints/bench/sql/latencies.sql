-- From the first byte of its message, how long until each released result could be seen.
SELECT (seen.at - sent.began)::float8
  FROM bench_seen seen
  JOIN audit_row a ON a.block_id = seen.block_id AND a.after ->> 'state' = 'released'
  JOIN result r ON r.id = a.row_id
  JOIN specimen s ON s.id = r.specimen_id
  JOIN bench_sent sent ON sent.number = s.number;
