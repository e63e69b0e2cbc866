-- Why the last tube of each of these tests was not accepted for it.
SELECT DISTINCT ON (x.order_item_id)
       x.order_item_id,
       json_build_object('code', rr.code, 'name_en', rr.name_en, 'name_ru', rr.name_ru, 'advice_en', rr.advice_en,
                         'advice_ru', rr.advice_ru, 'note', x.rejection_note, 'findings', x.findings)::text
  FROM specimen_test x
  JOIN rejection_reason rr ON rr.id = x.rejection_reason_id
 WHERE x.order_item_id = ANY(%(keys)s::bigint[]) AND x.state = 'rejected'
 ORDER BY x.order_item_id, x.id DESC;
