-- Everything that a report says of each of these orders, one row an order; of results only what was released.
SELECT o.id AS order_id,
       o.ordering_site_id,
       o.laboratory_id,
       o.patient_id,
       json_build_object(
           'id', o.id, 'number', o.number, 'placed_at', o.placed_at, 'urgency', o.urgency,
           'requester', o.requester, 'ward', o.ward, 'diagnosis', o.diagnosis, 'note', o.note,
           'is_pregnant', o.is_pregnant,
           'external_system', o.external_system, 'external_number', o.external_number)::json AS placed,
       (SELECT json_build_object(
                   'id', p.id, 'family_name', p.family_name, 'given_name', p.given_name, 'patronymic', p.patronymic,
                   'birth_date', p.birth_date, 'sex', p.sex, 'snils', p.snils, 'policy_number', p.policy_number,
                   'is_unidentified', p.is_unidentified)
          FROM patient p WHERE p.id = o.patient_id)::json AS patient,
       json_object_agg(side.name, side.place)::json AS places,
       (SELECT coalesce(json_agg(json_build_object(
                   'id', s.id, 'number', s.number, 'state', s.state, 'code', st.code,
                   'name_en', st.name_en, 'name_ru', st.name_ru, 'nsi_1081', st.nsi_1081,
                   'container_en', c.name_en, 'container_ru', c.name_ru,
                   'collected_at', s.collected_at, 'received_at', coalesce(s.accepted_at, s.arrived_at),
                   'condition', s.condition) ORDER BY s.collected_at, s.number), '[]')
          FROM specimen s
          JOIN specimen_type st ON st.id = s.specimen_type_id
          JOIN container c ON c.id = s.container_id
         WHERE s.order_id = o.id AND s.collected_at IS NOT NULL)::json AS specimens,
       (SELECT coalesce(json_agg(json_build_object(
                   'item_id', i.id, 'result_id', i.result_id, 'state', i.state, 'state_reason', i.state_reason,
                   'state_facts', i.state_facts, 'added_by', i.added_by, 'added', brought.why, 'position', i.position,
                   'panel', i.panel, 'panel_en', pn.name_en, 'panel_ru', pn.name_ru,
                   'code', t.code, 'name_en', t.name_en, 'name_ru', t.name_ru,
                   'loinc', t.loinc, 'nmu_804n', t.nmu_804n, 'fsli_1080', t.fsli_1080, 'scale', t.scale,
                   'test_unit', t.unit, 'test_unit_ru', t.unit_ru,
                   'method_en', t.method, 'method_ru', t.method_ru,
                   'section', t.section, 'section_en', sc.name_en, 'section_ru', sc.name_ru,
                   'section_position', coalesce(sc.id, 2147483647),
                   'interval_text_en', iv.text, 'interval_text_ru', iv.text_ru,
                   'rejection', rejected.why, 'values', found.released, 'earlier', found.earlier,
                   'recalled', found.recalled)
                   ORDER BY i.position, i.id), '[]')
          FROM order_item i
          JOIN test t ON t.id = i.test_id
          LEFT JOIN section sc ON sc.code = t.section
          LEFT JOIN panel pn ON pn.code = i.panel
          LEFT JOIN (
               SELECT one.item,
                      json_agg(one.said ORDER BY one.version) FILTER (WHERE one.state = 'released') AS released,
                      json_agg(one.said ORDER BY one.run, one.version) FILTER (WHERE one.state IN ('superseded', 'withdrawn')) AS earlier,
                      json_agg(one.said ORDER BY one.version) FILTER (WHERE one.state = 'recalled') AS recalled
                 FROM (SELECT r.order_item_id AS item, r.version, r.run, r.state,
                              json_build_object(
                                  'result_id', r.id, 'version', r.version, 'value_text', r.value_text,
                                  'number', trim_scale(r.value)::text, 'comparator', r.comparator, 'unit', r.unit,
                                  'flag', r.flag, 'low', trim_scale(r.low)::text, 'high', trim_scale(r.high)::text,
                                  'comment', r.comment, 'amend_reason', r.amend_reason,
                                  'is_automatic', r.is_automatic, 'measured_at', r.measured_at,
                                  'released_at', r.released_at, 'released_by', r.released_by,
                                  'released_en', who.name_en, 'released_ru', who.name_ru, 'retraction', CASE WHEN r.decided_at > r.released_at THEN (
                                      SELECT why FROM jsonb_array_elements(r.reasons) WITH ORDINALITY AS x (why, place)
                                       WHERE why ->> 'code' IN ('withdrawn', 'recalled', 'released_again')
                                       ORDER BY place DESC LIMIT 1) END,
                                  'specimen', tube.number) AS said
                         FROM result r
                         JOIN specimen tube ON tube.id = r.specimen_id
                         LEFT JOIN person who
                           ON who.id = CASE WHEN r.released_by LIKE 'person:%%'
                                            THEN split_part(r.released_by, ':', 2)::bigint END
                        WHERE r.order_id = o.id AND r.released_at IS NOT NULL
                          AND r.id >= %(since)s::bigint AND r.id < %(until)s::bigint
                          AND r.state IN ('released', 'superseded', 'recalled', 'withdrawn')) one
                GROUP BY one.item) found ON found.item = i.id
          LEFT JOIN LATERAL (
               SELECT json_build_object('code', rr.code, 'name_en', rr.name_en, 'name_ru', rr.name_ru,
                          'advice_en', rr.advice_en, 'advice_ru', rr.advice_ru, 'note', x.rejection_note, 'findings', x.findings) AS why
                 FROM specimen_test x JOIN rejection_reason rr ON rr.id = x.rejection_reason_id
                WHERE x.order_item_id = i.id AND x.state = 'rejected' ORDER BY x.id DESC LIMIT 1) rejected ON true
          LEFT JOIN LATERAL (
               SELECT json_build_object('rule', a.rule, 'reason', a.reason, 'by_en', who.name_en, 'by_ru', who.name_ru) AS why
                 FROM add_on a
                 LEFT JOIN person who
                   ON who.id = CASE WHEN a.decided_by LIKE 'person:%%' THEN split_part(a.decided_by, ':', 2)::bigint END
                WHERE i.added_by <> '' AND a.order_id = i.order_id AND a.state = 'added'
                  AND i.added_by = CASE WHEN a.rule = '' THEN a.asked_by ELSE a.rule END AND t.code = ANY(a.tests)
                ORDER BY a.id LIMIT 1) brought ON true
          LEFT JOIN LATERAL (
               SELECT v.text, v.text_ru
                 FROM reference_interval v
                WHERE v.test_id = t.id AND v.text <> '' AND v.low IS NULL AND v.high IS NULL
                  AND v.sex IN ('', (SELECT p.sex FROM patient p WHERE p.id = o.patient_id))
                ORDER BY v.sex DESC, v.id LIMIT 1) iv ON true
         WHERE i.order_id = o.id)::json AS items,
       (SELECT coalesce(json_agg(json_build_object(
                   'version', h.version, 'kind', h.kind, 'released_at', h.released_at) ORDER BY h.version), '[]')
          FROM report h WHERE h.order_id = o.id)::json AS earlier,
       (SELECT h.content::json FROM report h WHERE h.order_id = o.id ORDER BY h.version DESC LIMIT 1) AS latest
  FROM lab_order o
  JOIN LATERAL (
       SELECT which.name,
              json_build_object(
                  'id', s.id, 'code', s.code, 'oid', s.oid, 'name_en', s.name_en, 'name_ru', s.name_ru,
                  'address_en', s.address_en, 'address_ru', s.address_ru, 'time_zone', s.time_zone,
                  'organisation_en', g.name_en, 'organisation_ru', g.name_ru, 'organisation_oid', g.oid,
                  'organisation_id', g.id) AS place
         FROM (VALUES ('laboratory', o.laboratory_id), ('ordering_site', o.ordering_site_id)) AS which (name, site)
         JOIN site s ON s.id = which.site
         JOIN organisation g ON g.id = s.organisation_id) side ON true
 WHERE o.id = ANY(%(orders)s::bigint[])
 GROUP BY o.id;
