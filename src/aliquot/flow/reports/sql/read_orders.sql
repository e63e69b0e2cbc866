-- What a report says of each of these orders beside its tests, one row an order, JSON as text; and the patient's sex.
SELECT o.id AS order_id,
       o.ordering_site_id,
       o.laboratory_id,
       o.patient_id,
       coalesce((SELECT p.sex FROM patient p WHERE p.id = o.patient_id), '') AS sex,
       json_build_object(
           'id', o.id, 'number', o.number, 'placed_at', o.placed_at, 'urgency', o.urgency,
           'requester', o.requester, 'ward', o.ward, 'diagnosis', o.diagnosis, 'note', o.note,
           'is_pregnant', o.is_pregnant,
           'external_system', o.external_system, 'external_number', o.external_number)::text AS placed,
       (SELECT json_build_object(
                   'id', p.id, 'family_name', p.family_name, 'given_name', p.given_name, 'patronymic', p.patronymic,
                   'birth_date', p.birth_date, 'sex', p.sex, 'snils', p.snils, 'policy_number', p.policy_number,
                   'is_unidentified', p.is_unidentified)
          FROM patient p WHERE p.id = o.patient_id)::text AS patient,
       json_object_agg(side.name, side.place)::text AS places,
       (SELECT coalesce(json_agg(json_build_object(
                   'id', s.id, 'number', s.number, 'state', s.state, 'code', st.code,
                   'name_en', st.name_en, 'name_ru', st.name_ru, 'nsi_1081', st.nsi_1081,
                   'container_en', c.name_en, 'container_ru', c.name_ru,
                   'collected_at', s.collected_at, 'received_at', coalesce(s.accepted_at, s.arrived_at),
                   'condition', s.condition) ORDER BY s.collected_at, s.number), '[]')
          FROM specimen s
          JOIN specimen_type st ON st.id = s.specimen_type_id
          JOIN container c ON c.id = s.container_id
         WHERE s.order_id = o.id AND s.collected_at IS NOT NULL)::text AS specimens,
       (SELECT coalesce(json_agg(json_build_object(
                   'version', h.version, 'kind', h.kind, 'released_at', h.released_at) ORDER BY h.version), '[]')
          FROM report h WHERE h.order_id = o.id)::text AS earlier,
       (SELECT h.content::text FROM report h WHERE h.order_id = o.id ORDER BY h.version DESC LIMIT 1) AS latest
  FROM lab_order o
  JOIN LATERAL (
       SELECT which.name,
              json_build_object(
                  'id', s.id, 'code', s.code, 'oid', s.oid, 'name_en', s.name_en, 'name_ru', s.name_ru,
                  'address_en', s.address_en, 'address_ru', s.address_ru, 'time_zone', s.time_zone,
                  'organisation_en', g.name_en, 'organisation_ru', g.name_ru, 'organisation_oid', g.oid,
                  'organisation_id', g.id, 'operator_en', who.name_en, 'operator_ru', who.name_ru) AS place
         FROM (VALUES ('laboratory', o.laboratory_id), ('ordering_site', o.ordering_site_id)) AS which (name, site)
         JOIN site s ON s.id = which.site
         JOIN organisation g ON g.id = s.organisation_id
         JOIN organisation who ON who.id = operator_at(s.id, %(at)s::timestamptz)) side ON true
 WHERE o.id = ANY(%(orders)s::bigint[])
 GROUP BY o.id
 ORDER BY o.id;
