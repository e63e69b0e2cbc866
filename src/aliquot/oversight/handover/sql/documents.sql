-- Signed and rendered documents as they were kept, with what a person finds them by; keys strictly between, in their order.
SELECT d.id, d.language, d.content, o.number || ' v' || r.version || ' ' || r.kind AS title, r.released_at AS at
  FROM report_document d
  JOIN report r ON r.id = d.report_id
  JOIN lab_order o ON o.id = r.order_id
 WHERE d.id > %(low)s AND d.id < %(high)s
 ORDER BY d.id;
