-- How much work of each kind is open at these sites; whoever decides about operators sees counts, never a patient.
SELECT site_id, kind, amount FROM open_work(%(sites)s::bigint[]) ORDER BY site_id, kind;
