-- Calls about values that were refused or replaced need not be made any more; who was told already is told of that, and
-- of a value that was only noted because this one had been told. They are held first: somebody may be told in this moment.
WITH held AS MATERIALIZED (
    SELECT id, result_id, kind, state FROM critical_call
     WHERE result_id = ANY(%(ids)s::bigint[]) AND state IN ('open', 'closed')
       FOR NO KEY UPDATE
), ended AS (
    UPDATE critical_call c
       SET state = 'withdrawn', closed_at = %(at)s, closed_by = %(by)s, next_step_at = NULL
      FROM held
     WHERE c.id = held.id AND held.state = 'open' AND held.kind <> 'withdrawal'
), noted AS (
    UPDATE critical_call n
       SET state = 'open', about_id = NULL, opened_at = %(at)s, due_at = %(at)s + (n.due_at - n.opened_at),
           acknowledge_due_at = %(at)s + (n.acknowledge_due_at - n.opened_at), next_step_at = %(at)s, closed_at = NULL
      FROM held
     WHERE held.state = 'closed' AND n.about_id = held.id AND n.state = 'noted'
       AND n.result_id <> ALL(%(ids)s::bigint[])
       AND EXISTS (SELECT FROM result r WHERE r.id = n.result_id AND r.state IN ('recorded', 'held', 'released'))
), believed AS (
    SELECT DISTINCT ON (result_id) id, kind FROM held WHERE state = 'closed' ORDER BY result_id, id DESC
)
INSERT INTO critical_call (ordering_site_id, laboratory_id, kind, result_id, about_id, order_id, patient_id, test_id, ward,
                           value_text, value, comparator, unit, flag, state, opened_at, due_at, acknowledge_due_at,
                           policies, ladder, step, next_step_at, read_by, closed_by, told_to, told_role, how, read_back)
SELECT c.ordering_site_id, c.laboratory_id, 'withdrawal', c.result_id, c.id, c.order_id, c.patient_id, c.test_id, c.ward,
       c.value_text, c.value, c.comparator, c.unit, c.flag, 'open', %(at)s, %(at)s + (c.due_at - c.opened_at),
       %(at)s + (c.acknowledge_due_at - c.opened_at), c.policies, c.ladder, -1, %(at)s, '', '', '', '', '', ''
  FROM believed
  JOIN critical_call c ON c.id = believed.id
 WHERE believed.kind <> 'withdrawal'
    ON CONFLICT (about_id) WHERE kind <> 'value' AND state <> 'withdrawn' DO NOTHING;
