-- Everybody with a role at these sites at that moment: whether it carries rights just before, and after another operates from it on.
SELECT p.username, p.name_en, p.name_ru, a.role, s.code AS site_code, s.name_en AS site_en, s.name_ru AS site_ru,
       works_for_operator(a.person_id, a.site_id, %(on)s::timestamptz - interval '1 microsecond') AS was_in_force,
       EXISTS (SELECT 1 FROM employment e
                WHERE e.person_id = a.person_id
                  AND e.since <= %(on)s::timestamptz AND (e.until IS NULL OR e.until > %(on)s::timestamptz)
                  AND (e.organisation_id = coalesce(%(operator)s::bigint, s.organisation_id)
                       OR EXISTS (SELECT 1 FROM data_owner d
                                   WHERE d.organisation_id = e.organisation_id AND d.since <= %(on)s::timestamptz
                                     AND (d.until IS NULL OR d.until > %(on)s::timestamptz)))) AS is_in_force
  FROM assignment a
  JOIN person p ON p.id = a.person_id AND p.is_active
  JOIN site s ON s.id = a.site_id
 WHERE a.site_id = ANY(%(sites)s::bigint[])
   AND a.since <= %(on)s::timestamptz AND (a.until IS NULL OR a.until > %(on)s::timestamptz)
 ORDER BY s.code, p.username, a.role;
