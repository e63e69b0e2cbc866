-- Write the verdict on each test of the tubes judged, with the coded reason and what the rule found.
UPDATE specimen_test x
   SET state = judged.state, rejection_reason_id = r.id, rejection_note = '', findings = judged.findings
  FROM unnest(%(tests)s::bigint[], %(states)s::text[], %(reasons)s::text[], %(findings)s::jsonb[])
       AS judged (id, state, reason, findings)
  LEFT JOIN rejection_reason r ON r.code = judged.reason
 WHERE x.id = judged.id;
