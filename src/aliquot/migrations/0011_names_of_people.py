from django.db import migrations

# A step names who took it by a key; row security hides the row of that person, which holds a password's hash.
FUNCTION = """
CREATE FUNCTION person_names(keys text[]) RETURNS TABLE (key text, name_en text, name_ru text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF aliquot_actor() = '' THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who is signed in may ask how people are called';
    END IF;
    RETURN QUERY
        SELECT asked.key, p.name_en, p.name_ru
          FROM (SELECT DISTINCT k AS key FROM unnest(keys) AS k WHERE k ~ '^person:[0-9]{1,18}:') asked
          JOIN person p ON p.id = split_part(asked.key, ':', 2)::bigint
                       AND asked.key = 'person:' || p.id || ':' || p.username;
END $$;

REVOKE ALL ON FUNCTION person_names(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION person_names(text[]) TO aliquot_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0010_an_undone_merge_hides_nobody"),
    ]

    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION person_names(text[])")]
