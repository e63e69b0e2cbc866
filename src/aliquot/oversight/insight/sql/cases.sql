-- The tubes and orders behind a figure, the newest first, of a time the slowest; a report names all tubes of its order.
SELECT c.id, c.day, c.at, c.order_id, coalesce(o.number, '') AS order_number, o.patient_id, site.name_en AS site_en, site.name_ru AS site_ru,
       c.minutes, c.label,
       coalesce(s.number, (SELECT string_agg(t.number, ' ' ORDER BY t.id) FROM specimen t WHERE t.order_id = c.order_id), '') AS tubes
  FROM (SELECT * FROM indicator_case
         WHERE laboratory_id = %(laboratory)s::bigint AND code = %(code)s AND day >= %(since)s::date AND day < %(until)s::date
           AND (%(site)s::bigint IS NULL OR ordering_site_id = %(site)s::bigint)
         ORDER BY coalesce(minutes, 0) DESC, day DESC, at DESC, id DESC
         LIMIT %(limit)s::integer OFFSET %(skipped)s::integer) c
  JOIN site ON site.id = c.ordering_site_id
  LEFT JOIN specimen s ON s.id = c.specimen_id
  LEFT JOIN lab_order o ON o.id = c.order_id
 ORDER BY coalesce(c.minutes, 0) DESC, c.day DESC, c.at DESC, c.id DESC;
