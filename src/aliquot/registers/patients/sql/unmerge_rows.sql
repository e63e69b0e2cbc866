-- Point exactly the rows that a merge moved back to the record they came from.
SELECT unmerge_patient_rows(%(merge)s::bigint);
