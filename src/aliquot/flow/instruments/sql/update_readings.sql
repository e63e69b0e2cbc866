-- Write what became of readings that were matched again.
UPDATE reading r
   SET index = given.index, state = given.state, stage = given.stage, reason = given.reason, specimen_id = given.specimen_id, test_id = given.test_id
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
           id bigint, index text, state text, stage text, reason jsonb, specimen_id bigint, test_id bigint)
 WHERE r.id = given.id AND r.state = 'received';
