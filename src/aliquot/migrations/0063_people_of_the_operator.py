from django.db import migrations

# Who works at a site is who has rights there: since 0062 that follows who operates it and who employs the person.
CHANGED = """
CREATE OR REPLACE FUNCTION people_at(asked_site bigint) RETURNS TABLE (key text, name_en text, name_ru text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF asked_site <> ALL (aliquot_sites()) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who works at a site may ask who else does';
    END IF;
    RETURN QUERY
        SELECT 'person:' || p.id || ':' || p.username, p.name_en, p.name_ru
          FROM person p
         WHERE p.is_active AND EXISTS (
               SELECT FROM assignment a
                WHERE a.person_id = p.id AND a.site_id = asked_site
                  AND a.role NOT IN ('integration', 'owner_officer')
                  AND a.since <= now() AND (a.until IS NULL OR a.until > now()))
           AND works_for_operator(p.id, asked_site, statement_timestamp());
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0067_referrals"),
    ]

    operations = [migrations.RunSQL(CHANGED, migrations.RunSQL.noop)]
