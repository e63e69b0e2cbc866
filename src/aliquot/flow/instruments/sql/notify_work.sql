-- Wake the workers when this transaction commits.
SELECT pg_notify('aliquot_work', '');
