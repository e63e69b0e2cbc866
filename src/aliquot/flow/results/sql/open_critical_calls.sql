-- Calls that a laboratory still has to make, the most pressing first.
SELECT c.id AS call_id, c.kind, c.result_id, c.order_id, o.number AS order_number, c.patient_id, p.family_name, p.given_name,
       p.patronymic, p.birth_date, t.code AS test_code, t.short_en, t.short_ru, t.name_en, t.name_ru,
       c.value_text, c.unit, t.unit_ru, c.flag, r.state AS result_state, c.opened_at, c.due_at,
       o.requester, c.ward, o.urgency, g.name_en AS site_en, g.name_ru AS site_ru,
       (SELECT count(*) FROM critical_attempt n WHERE n.call_id = c.id) AS attempts, c.read_at,
       coalesce((SELECT e.whom FROM critical_escalation e
                  WHERE e.call_id = c.id AND NOT e.was_passed_over ORDER BY e.step DESC LIMIT 1),
                c.ladder -> 0 ->> 0, '') AS reach
  FROM critical_call c
  JOIN test t ON t.id = c.test_id
  JOIN lab_order o ON o.id = c.order_id
  JOIN site g ON g.id = c.ordering_site_id
  LEFT JOIN result r ON r.id = c.result_id
  LEFT JOIN patient p ON p.id = c.patient_id
 WHERE c.laboratory_id = %(laboratory)s AND c.state = 'open'
 ORDER BY c.due_at, c.id
 LIMIT %(limit)s;
