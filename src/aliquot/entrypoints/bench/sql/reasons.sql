-- Why results wait for a person.
SELECT reason ->> 'code', count(*)
  FROM result r CROSS JOIN LATERAL jsonb_array_elements(r.reasons) reason
 WHERE r.id > %(result)s::bigint AND r.state = 'held'
 GROUP BY 1 ORDER BY 2 DESC;
