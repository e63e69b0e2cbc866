-- Specimens as FHIR's mapping takes them.
SELECT s.id, s.number, s.state, k.code, k.name_en AS name, k.nsi_1081, o.patient_id,
       coalesce(s.accepted_at, s.arrived_at) AS received_at, s.collected_at
  FROM specimen s JOIN specimen_type k ON k.id = s.specimen_type_id JOIN lab_order o ON o.id = s.order_id
 ORDER BY s.id;
