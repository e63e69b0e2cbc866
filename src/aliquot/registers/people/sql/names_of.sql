-- How the people behind these keys are called: exactly those, and nothing else of them.
SELECT key, name_en, name_ru FROM person_names(%(keys)s::text[]);
