-- The sites of the region as one JSON array.
SELECT coalesce(jsonb_agg(to_jsonb(fact)), '[]')::text
  FROM (SELECT s.code, s.kind, coalesce(l.code, '') AS laboratory, s.name_en, s.name_ru, s.latitude, s.longitude, s.is_active
          FROM site s LEFT JOIN site l ON l.id = s.laboratory_id) fact;
