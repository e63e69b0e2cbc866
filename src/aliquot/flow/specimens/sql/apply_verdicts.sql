-- Write the verdict on each test of the tubes judged, with the coded reason and its words.
UPDATE specimen_test x
   SET state = judged.state, rejection_reason_id = r.id, rejection_note = judged.note
  FROM unnest(%(tests)s::bigint[], %(states)s::text[], %(reasons)s::text[], %(notes)s::text[])
       AS judged (id, state, reason, note)
  LEFT JOIN rejection_reason r ON r.code = judged.reason
 WHERE x.id = judged.id;
