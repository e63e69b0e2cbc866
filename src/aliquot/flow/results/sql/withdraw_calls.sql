-- Calls about values that were refused or replaced need not be made any more; who was told already is told of that. They
-- are held first: somebody may be told in this very moment.
WITH held AS MATERIALIZED (
    SELECT id, state FROM critical_call
     WHERE result_id = ANY(%(ids)s::bigint[]) AND kind = 'value' AND state IN ('open', 'closed')
       FOR NO KEY UPDATE
), ended AS (
    UPDATE critical_call c
       SET state = 'withdrawn', closed_at = %(at)s, closed_by = %(by)s, next_step_at = NULL
      FROM held
     WHERE c.id = held.id AND held.state = 'open'
)
INSERT INTO critical_call (ordering_site_id, laboratory_id, kind, result_id, about_id, order_id, patient_id, test_id, ward,
                           value_text, value, comparator, unit, flag, state, opened_at, due_at, acknowledge_due_at,
                           policies, ladder, step, next_step_at, read_by, closed_by, told_to, told_role, how, read_back)
SELECT c.ordering_site_id, c.laboratory_id, 'withdrawal', c.result_id, c.id, c.order_id, c.patient_id, c.test_id, c.ward,
       c.value_text, c.value, c.comparator, c.unit, c.flag, 'open', %(at)s, %(at)s + (c.due_at - c.opened_at),
       %(at)s + (c.acknowledge_due_at - c.opened_at), c.policies, c.ladder, -1, %(at)s, '', '', '', '', '', ''
  FROM held
  JOIN critical_call c ON c.id = held.id
 WHERE held.state = 'closed'
    ON CONFLICT (result_id, kind) DO NOTHING;
