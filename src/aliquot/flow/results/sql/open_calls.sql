-- One call to make for each critical result, due in time; a result has one call ever.
INSERT INTO critical_call (ordering_site_id, laboratory_id, result_id, order_id, patient_id, state, opened_at, due_at,
                           closed_by, told_to, read_back)
SELECT r.ordering_site_id, r.laboratory_id, r.id, r.order_id, r.patient_id, 'open', %(at)s, given.due_at, '', '', ''
  FROM unnest(%(ids)s::bigint[], %(due)s::timestamptz[]) AS given (id, due_at)
  JOIN result r ON r.id = given.id
    ON CONFLICT (result_id) DO NOTHING;
