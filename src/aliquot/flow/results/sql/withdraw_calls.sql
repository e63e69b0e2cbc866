-- Calls about values that were refused or replaced need not be made any more.
UPDATE critical_call
   SET state = 'withdrawn', closed_at = %(at)s, closed_by = %(by)s
 WHERE result_id = ANY(%(ids)s::bigint[]) AND state = 'open';
