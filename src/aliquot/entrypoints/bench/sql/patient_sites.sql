-- The hub sees the patients whose tubes it measures.
INSERT INTO patient_site (patient_id, site_id, since)
SELECT %(first)s + g, %(hub)s, %(at)s FROM generate_series(1::bigint, %(count)s) AS g;
