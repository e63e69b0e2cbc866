-- Whoever decides anew about a result takes nothing back of what was decided before.
UPDATE decision SET ended_at = %(at)s WHERE result_id = ANY(%(ids)s::bigint[]) AND ended_at IS NULL;
