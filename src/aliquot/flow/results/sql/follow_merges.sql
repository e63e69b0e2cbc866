-- Results that came back go to the record into which their patient was merged meanwhile; the merge remembers them.
WITH moved AS (
    UPDATE result r SET patient_id = m.kept_id
      FROM patient_merge m
     WHERE m.undone_at IS NULL AND r.patient_id = m.merged_id AND r.id >= %(low)s::bigint AND r.id < %(high)s::bigint
    RETURNING m.id AS merge, r.id
), remembered AS (
    SELECT merge, jsonb_agg(id ORDER BY id) AS ids FROM moved GROUP BY merge
)
UPDATE patient_merge m
   SET moved = jsonb_set(m.moved, '{result.patient_id}', coalesce(m.moved -> 'result.patient_id', '[]') || r.ids)
  FROM remembered r
 WHERE m.id = r.merge;
