-- One call to make for each critical result, with the value as decided; a value has one such call ever.
INSERT INTO critical_call (ordering_site_id, laboratory_id, kind, result_id, about_id, order_id, patient_id, test_id, ward,
                           value_text, value, comparator, unit, flag, state, opened_at, due_at, acknowledge_due_at,
                           policies, ladder, step, next_step_at, read_by, closed_at, closed_by, told_to, told_role, how,
                           read_back)
SELECT r.ordering_site_id, r.laboratory_id, 'value', r.id, given.about_id, r.order_id, r.patient_id, r.test_id, o.ward,
       r.value_text, r.value, r.comparator, r.unit, r.flag, given.state, %(at)s, given.due_at, given.acknowledge_due_at,
       given.policies, given.ladder, -1, CASE WHEN given.state = 'open' THEN %(at)s END, '',
       CASE WHEN given.state = 'noted' THEN %(at)s END, '', '', '', '', ''
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
           id bigint, about_id bigint, state text, due_at timestamptz, acknowledge_due_at timestamptz, policies text,
           ladder jsonb)
  JOIN result r ON r.id = given.id
  JOIN lab_order o ON o.id = r.order_id
    ON CONFLICT (result_id) WHERE kind = 'value' DO NOTHING;
