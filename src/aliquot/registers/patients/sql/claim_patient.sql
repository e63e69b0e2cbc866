-- The patient of the region with this exact number and birth date, from now on seen by the site; null when there is not exactly one.
SELECT claim_patient(%(snils)s, %(policy)s, %(birth)s::date, %(site)s::bigint, %(at)s::timestamptz);
