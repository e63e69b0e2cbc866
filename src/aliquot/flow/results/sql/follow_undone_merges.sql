-- Results that came back go to the record from which a merge had taken them that was undone meanwhile.
UPDATE result r SET patient_id = m.merged_id
  FROM patient_merge m
 WHERE m.undone_at IS NOT NULL AND r.patient_id = m.kept_id AND r.id >= %(low)s::bigint AND r.id < %(high)s::bigint
   AND m.moved -> 'result.patient_id' @> to_jsonb(r.id);
