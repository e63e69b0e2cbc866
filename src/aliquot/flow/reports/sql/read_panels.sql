-- What these panels are called.
SELECT n.code, json_build_object('panel_en', n.name_en, 'panel_ru', n.name_ru)::text FROM panel n WHERE n.code = ANY(%(keys)s::text[]);
