-- The control results that these changed rows concern: themselves, those of a run, those of a violation's run.
SELECT unnest(%(controls)s::bigint[]) AS id
UNION
SELECT c.id FROM control_result c WHERE c.run_id = ANY (%(runs)s::bigint[])
UNION
SELECT c.id FROM control_violation v JOIN control_result c ON c.run_id = v.run_id WHERE v.id = ANY (%(violations)s::bigint[]);
