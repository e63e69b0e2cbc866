from django.db import migrations

# Numbers are taken here and nowhere else: a range goes forward by what was asked for, and in no other way.
# The functions of 0004 look for tables of the session last, as all that run with the owner's rights must.
FUNCTIONS = """
CREATE FUNCTION take_numbers(asked_site bigint, asked_kind text, asked_count bigint)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    reached bigint;
BEGIN
    IF aliquot_actor() = '' OR asked_count NOT BETWEEN 1 AND 10000 THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who is signed in takes numbers, 10000 at most';
    END IF;
    UPDATE number_range SET last = last + asked_count
     WHERE site_id = asked_site AND kind = asked_kind AND last + asked_count <= "limit"
    RETURNING last INTO reached;
    RETURN reached;
END $$;
REVOKE ALL ON FUNCTION take_numbers(bigint, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_numbers(bigint, text, bigint) TO aliquot_app;
ALTER FUNCTION patient_is_seen(bigint) SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION claim_patient(text, text, date, bigint, timestamptz)
    SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION merge_patient_rows(bigint, bigint) SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION unmerge_patient_rows(bigint) SET search_path = pg_catalog, public, pg_temp;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0011_names_of_people"),
    ]

    operations = [migrations.RunSQL(FUNCTIONS, "DROP FUNCTION take_numbers(bigint, text, bigint)")]
