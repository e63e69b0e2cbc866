-- How many results were decided in each of these blocks, at their insertion or afterwards.
SELECT b.id, (SELECT count(*) FROM audit_row a
               WHERE a.block_id = b.id AND (a.after ->> 'state' IN ('released', 'held')
                                            OR a.after @> '["released"]' OR a.after @> '["held"]'))
  FROM unnest(%(blocks)s::bigint[]) AS b (id);
