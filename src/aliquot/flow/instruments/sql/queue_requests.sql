-- Queue what analyzers are to be told about tubes; the same that still waits is not queued twice.
INSERT INTO work_request (laboratory_id, analyzer_id, specimen_id, kind, codes, dilution, state, attempts, detail,
                          asked_at, by, changed_at)
SELECT given.laboratory_id, given.analyzer_id, given.specimen_id, given.kind, given.codes, given.dilution, given.state,
       0, '', %(at)s, %(by)s, %(at)s
  FROM ROWS FROM (jsonb_to_recordset(%(rows)s::jsonb) AS (
           laboratory_id bigint, analyzer_id bigint, specimen_id bigint, kind text, codes text[], dilution text,
           state text)) WITH ORDINALITY
       AS given (laboratory_id, analyzer_id, specimen_id, kind, codes, dilution, state, place)
 WHERE NOT EXISTS (
       SELECT 1 FROM work_request w
        WHERE w.specimen_id = given.specimen_id AND w.analyzer_id = given.analyzer_id AND w.kind = given.kind
          AND w.state = given.state AND w.codes = given.codes AND w.dilution = given.dilution
          AND w.state IN ('queued', 'noted'))
 ORDER BY given.place
RETURNING id;
