-- Whether each of these tests can be measured again by the analyzer that measured it, and the first reason why not.
SELECT a.id AS analyzer_id, a.driver,
       CASE WHEN NOT a.is_active THEN 'analyzer_is_off'
            WHEN a.is_suspended THEN 'analyzer_is_suspended'
            WHEN m.code IS NULL THEN 'no_code_of_test'
            WHEN stopped.is_stopped THEN 'driver_is_stopped'
            WHEN tube.specimen_id IS NULL THEN 'tube_is_gone'
            WHEN given.dilution <> '' AND EXISTS (
                 SELECT 1 FROM work_request w
                  WHERE w.specimen_id = tube.specimen_id AND w.analyzer_id = a.id AND w.kind = 'rerun'
                    AND w.dilution = given.dilution AND m.code = ANY(w.codes) AND w.state <> 'withdrawn')
            THEN 'dilution_asked_before' ELSE '' END AS why
  FROM unnest(%(analyzers)s::bigint[], %(items)s::bigint[], %(tests)s::bigint[], %(dilutions)s::text[])
       WITH ORDINALITY AS given (analyzer_id, item_id, test_id, dilution, place)
  LEFT JOIN analyzer a ON a.id = given.analyzer_id
  LEFT JOIN LATERAL (
       SELECT x.code FROM test_mapping x
        WHERE x.analyzer_id = a.id AND x.test_id = given.test_id ORDER BY x.id LIMIT 1) m ON true
  LEFT JOIN LATERAL (
       SELECT st.specimen_id
         FROM specimen_test st JOIN specimen s ON s.id = st.specimen_id
        WHERE st.order_item_id = given.item_id AND st.state IN ('accepted', 'measured') AND s.state = 'accepted'
        ORDER BY s.id DESC LIMIT 1) tube ON true
 CROSS JOIN LATERAL (
       SELECT EXISTS (SELECT 1 FROM driver_stop d WHERE d.model = a.driver AND d.ended_at IS NULL) AS is_stopped) stopped
 ORDER BY given.place;
