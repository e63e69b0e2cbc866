-- Signed reports of studies as they were kept; keys strictly between, in their order.
SELECT d.id, d.language, d.content, s.id::text AS title, s.signed_at AS at
  FROM study_document d
  JOIN study s ON s.id = d.study_id
 WHERE d.id > %(low)s AND d.id < %(high)s
 ORDER BY d.id;
