-- Orders by the beginning of the patient's name, by their number or by a tube's, the latest first; also read by DuckDB.
SELECT o.id, o.number, o.placed_at, o.state, p.id AS patient_id, p.family_name, p.given_name, p.patronymic, p.birth_date
  FROM lab_order o
  JOIN patient p ON p.id = o.patient_id
 WHERE (%(patient)s::text = ''
        OR starts_with(lower(concat_ws(' ', p.family_name, p.given_name, p.patronymic)), lower(%(patient)s::text)))
   AND (%(order)s::text = '' OR o.number = %(order)s::text)
   AND (%(specimen)s::text = ''
        OR EXISTS (SELECT 1 FROM specimen s WHERE s.order_id = o.id AND s.number = %(specimen)s::text))
 ORDER BY o.placed_at DESC, o.id DESC
 LIMIT %(most)s::bigint;
