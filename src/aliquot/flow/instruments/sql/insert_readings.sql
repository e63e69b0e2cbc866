-- Keep a batch of readings; one that another worker has just filed is left out, and so not returned.
INSERT INTO reading (laboratory_id, message_id, analyzer_id, position, specimen_code, code, index, value, number, unit, flags,
                     status, measured_at, specimen_id, test_id, state, stage, reason, decided_by, decision_note)
SELECT laboratory_id, message_id, analyzer_id, position, specimen_code, code, index, value, number, unit, flags, status,
       measured_at, specimen_id, test_id, state, stage, reason, '', ''
  FROM json_to_recordset(%(rows)s::json) AS given (
           laboratory_id bigint, message_id bigint, analyzer_id bigint, position integer, specimen_code text, code text,
           index text, value text, number text, unit text, flags text[], status text, measured_at timestamptz, specimen_id bigint,
           test_id bigint, state text, stage text, reason jsonb)
 ORDER BY specimen_id, test_id
    ON CONFLICT DO NOTHING
RETURNING message_id, position, id;
