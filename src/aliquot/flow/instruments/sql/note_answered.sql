-- What an analyzer was told about tubes when it asked; the repeats that waited for its question are told now.
WITH given AS (
    SELECT s.id AS specimen_id, s.laboratory_id, x.codes, x.dilution
      FROM unnest(%(numbers)s::text[], %(codes)s::text[], %(dilutions)s::text[]) WITH ORDINALITY
               AS x (number, codes, dilution, place)
      JOIN specimen s ON s.number = x.number
     ORDER BY place
), told AS (
    UPDATE work_request w SET state = 'sent', changed_at = %(at)s
     WHERE w.analyzer_id = %(analyzer)s AND w.state = 'noted'
       AND EXISTS (SELECT 1 FROM given
                    WHERE given.specimen_id = w.specimen_id
                      AND (w.codes = '{}' OR w.codes && ARRAY(SELECT jsonb_array_elements_text(given.codes::jsonb))))
)
INSERT INTO work_request (laboratory_id, analyzer_id, specimen_id, kind, codes, dilution, state, attempts, detail,
                          asked_at, by, changed_at)
SELECT laboratory_id, %(analyzer)s, specimen_id, 'answer', ARRAY(SELECT jsonb_array_elements_text(codes::jsonb)),
       dilution, 'sent', 1, '', %(at)s, %(by)s, %(at)s
  FROM given;
