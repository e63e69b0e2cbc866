-- Keep indices of specimens, each with the reading it came in; says which were kept and of which order they are.
WITH kept AS (
     INSERT INTO specimen_index (laboratory_id, specimen_id, analyzer_id, reading_id, index, level, comparator, grade, unit,
                                 measured_at, is_pending)
     SELECT laboratory_id, specimen_id, analyzer_id, reading_id, index, level, comparator, grade, unit, measured_at, false
       FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
                laboratory_id bigint, specimen_id bigint, analyzer_id bigint, reading_id bigint, index text, level numeric,
                comparator text, grade text, unit text, measured_at timestamptz)
      ORDER BY reading_id
         ON CONFLICT (reading_id) DO NOTHING
     RETURNING id, specimen_id)
SELECT k.id, k.specimen_id, s.order_id FROM kept k JOIN specimen s ON s.id = k.specimen_id ORDER BY k.id;
