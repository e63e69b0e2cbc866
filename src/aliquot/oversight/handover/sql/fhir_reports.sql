-- The latest version of each order's report.
SELECT r.id, r.content::text FROM report r
 WHERE r.version = (SELECT max(l.version) FROM report l WHERE l.order_id = r.order_id) ORDER BY r.id;
