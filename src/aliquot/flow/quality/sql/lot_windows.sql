-- When which test of which analyzer ran with this reagent or calibrator in a laboratory; an open end is now.
SELECT s.analyzer_id, s.test_id, s.since, s.until
  FROM release_state s
 WHERE s.laboratory_id = %(laboratory)s
   AND (%(reagent)s = '' OR s.reagent_lot = %(reagent)s)
   AND (%(calibrator)s = '' OR s.calibrator_lot = %(calibrator)s)
 ORDER BY s.since, s.id;
