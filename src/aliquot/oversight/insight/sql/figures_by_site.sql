-- An indicator of a laboratory by the site that ordered.
SELECT s.id, s.name_en, s.name_ru, sum(d.numerator)::bigint AS numerator, sum(d.denominator)::bigint AS denominator
  FROM indicator_month d JOIN site s ON s.id = d.ordering_site_id
 WHERE d.laboratory_id = %(laboratory)s::bigint AND d.code = %(code)s AND d.month >= %(since)s::date AND d.month < %(until)s::date
 GROUP BY s.id;
