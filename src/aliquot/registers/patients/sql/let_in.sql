-- Let a site see a patient, once.
INSERT INTO patient_site (patient_id, site_id, since) VALUES (%(patient)s, %(site)s, %(at)s) ON CONFLICT DO NOTHING;
