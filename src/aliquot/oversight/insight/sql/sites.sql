-- The sites of the region with the tubes that stand there now.
SELECT s.code, s.name_en, s.name_ru, s.kind, s.latitude::float8 AS latitude, s.longitude::float8 AS longitude,
       coalesce(l.code, '') AS hub, coalesce(t.tubes, 0) AS tubes
  FROM site s
  LEFT JOIN site l ON l.id = s.laboratory_id
  LEFT JOIN (SELECT custody_site_id, count(*) AS tubes FROM specimen
              WHERE state IN ('planned', 'labelled', 'collected', 'packed', 'arrived') GROUP BY 1) t ON t.custody_site_id = s.id
 WHERE s.is_active AND s.latitude IS NOT NULL
 ORDER BY s.id;
