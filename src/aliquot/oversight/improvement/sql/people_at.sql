-- Who works at a site of the actor's now.
SELECT key, name_en, name_ru FROM people_at(%(site)s::bigint) ORDER BY name_ru, key
