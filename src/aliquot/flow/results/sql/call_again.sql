-- Values hold again. Whoever heard, or read, that one does not hold is told that it stands again, and so is whoever was not
-- told of it at all; nobody is told any more that it was withdrawn. A call of its own: its ladder begins anew.
WITH held AS MATERIALIZED (
    SELECT id, result_id, kind, state, read_at FROM critical_call
     WHERE result_id = ANY(%(ids)s::bigint[]) AND state <> 'noted'
       FOR NO KEY UPDATE
), needless AS (
    UPDATE critical_call c
       SET state = 'withdrawn', closed_at = %(at)s, closed_by = %(by)s, next_step_at = NULL
      FROM held
     WHERE c.id = held.id AND held.kind = 'withdrawal' AND held.state = 'open'
), believed AS (
    SELECT DISTINCT ON (result_id) id, result_id, kind
      FROM held
     WHERE state = 'closed' OR kind = 'withdrawal' AND read_at IS NOT NULL
     ORDER BY result_id, id DESC
)
INSERT INTO critical_call (ordering_site_id, laboratory_id, kind, result_id, about_id, order_id, patient_id, test_id, ward,
                           value_text, value, comparator, unit, flag, state, opened_at, due_at, acknowledge_due_at,
                           policies, ladder, step, next_step_at, read_by, closed_by, told_to, told_role, how, read_back)
SELECT c.ordering_site_id, c.laboratory_id, 'reinstated', c.result_id, c.id, c.order_id, c.patient_id, c.test_id, c.ward,
       c.value_text, c.value, c.comparator, c.unit, c.flag, 'open', %(at)s, %(at)s + (c.due_at - c.opened_at),
       %(at)s + (c.acknowledge_due_at - c.opened_at), c.policies, c.ladder, -1, %(at)s, '', '', '', '', '', ''
  FROM held
  JOIN critical_call c ON c.id = held.id
  LEFT JOIN believed ON believed.result_id = held.result_id
 WHERE CASE WHEN believed.id IS NULL THEN held.kind = 'value' AND held.state = 'withdrawn'
            ELSE believed.kind = 'withdrawal' AND held.id = believed.id END
    ON CONFLICT (about_id) WHERE kind <> 'value' AND state <> 'withdrawn' DO NOTHING;
