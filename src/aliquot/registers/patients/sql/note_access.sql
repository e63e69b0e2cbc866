-- Keep who read which patients; a log that nobody changes.
INSERT INTO access_entry (at, actor, site_id, patient_id, what)
SELECT %(at)s, %(actor)s, %(site)s, patient, %(what)s FROM unnest(%(patients)s::bigint[]) AS patient;
