-- Keep what another reading found beside what is there; a worker matches it, and its result waits for a person.
INSERT INTO reading (laboratory_id, message_id, analyzer_id, position, specimen_code, code, value, number, unit, flags,
                     status, measured_at, specimen_id, state, stage, reason, is_replayed, decided_by, decided_at,
                     decision_note)
SELECT m.laboratory_id, m.id, m.analyzer_id, given.position, given.specimen_code, given.code, given.value, given.number,
       given.unit, given.flags, given.status, given.measured_at, assigned.specimen_id, 'received', 'parsed', '[]', true,
       %(by)s, %(at)s, %(note)s
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
           message_id bigint, before_id bigint, position integer, specimen_code text, code text, value text, number text,
           unit text, flags text[], status text, measured_at timestamptz)
  JOIN message m ON m.id = given.message_id
  LEFT JOIN reading assigned ON assigned.id = given.before_id AND assigned.specimen_code = given.specimen_code
 ORDER BY given.message_id, given.position;
