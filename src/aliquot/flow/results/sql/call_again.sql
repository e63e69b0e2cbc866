-- Values hold again: who was not told of one is told now, and nobody is told any more that it was withdrawn.
WITH needless AS (
    UPDATE critical_call
       SET state = 'withdrawn', closed_at = %(at)s, closed_by = %(by)s, next_step_at = NULL
     WHERE result_id = ANY(%(ids)s::bigint[]) AND state = 'open' AND kind = 'withdrawal'
)
UPDATE critical_call
   SET state = 'open', opened_at = %(at)s, due_at = %(at)s + (due_at - opened_at),
       acknowledge_due_at = %(at)s + (acknowledge_due_at - opened_at), next_step_at = %(at)s,
       closed_at = NULL, closed_by = ''
 WHERE result_id = ANY(%(ids)s::bigint[]) AND state = 'withdrawn' AND kind = 'value';
