-- Point every row of the merged record to the kept one, whoever owns it; say which rows those were.
SELECT merge_patient_rows(%(kept)s::bigint, %(merged)s::bigint);
