from django.db import migrations

# As before; more than a range may give at once is answered like a range that is used up: by nothing.
FUNCTION = """
CREATE OR REPLACE FUNCTION take_numbers(asked_site bigint, asked_kind text, asked_count bigint)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    reached bigint;
BEGIN
    IF aliquot_actor() = '' OR asked_count < 1 THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who is signed in takes numbers, and forward';
    END IF;
    UPDATE number_range SET last = last + asked_count
     WHERE site_id = asked_site AND kind = asked_kind AND asked_count <= 10000
       AND last + asked_count <= "limit"
    RETURNING last INTO reached;
    RETURN reached;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0015_search_by_the_beginning_of_a_name"),
    ]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
