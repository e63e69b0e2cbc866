-- Orders as FHIR's mapping takes them, each with its codes and its tubes.
SELECT o.id, o.number, o.patient_id, o.urgency, o.state, o.requester, o.diagnosis, o.external_system,
       o.external_number, o.placed_at, coalesce(o.completed_at, o.cancelled_at, o.placed_at) AS changed_at,
       array(SELECT DISTINCT CASE WHEN i.panel <> '' THEN i.panel ELSE t.code END
               FROM order_item i JOIN test t ON t.id = i.test_id WHERE i.order_id = o.id ORDER BY 1) AS codes,
       array(SELECT s.id FROM specimen s WHERE s.order_id = o.id AND s.state <> 'cancelled' ORDER BY 1) AS tubes
  FROM lab_order o ORDER BY o.id;
