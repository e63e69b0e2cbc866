-- The codes of the catalogue, panels last: where both share a code, the panel is meant.
SELECT code, name_en, loinc, nmu_804n, fsli_1080, false FROM test
UNION ALL SELECT code, name_en, loinc, nmu_804n, '', true FROM panel;
