from django.db import migrations

# As before, but a site that ordered for the kept record, or measures for it, goes on seeing it.
FUNCTION = """
CREATE OR REPLACE FUNCTION unmerge_patient_rows(merge bigint) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    done patient_merge%ROWTYPE;
    place text;
    ids jsonb;
BEGIN
    SELECT * INTO done FROM patient_merge WHERE id = merge AND undone_at IS NULL FOR UPDATE;
    IF done.id IS NULL OR NOT aliquot_may('merge_patients') OR NOT patient_is_seen(done.kept_id) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who sees the record and may merge may undo it';
    END IF;
    FOR place, ids IN SELECT * FROM jsonb_each(done.moved - 'patient_site') LOOP
        EXECUTE format('UPDATE %s SET %I = $1 WHERE %I = $2'
                       ' AND id IN (SELECT value::bigint FROM jsonb_array_elements_text($3))',
                       split_part(place, '.', 1)::regclass, split_part(place, '.', 2),
                       split_part(place, '.', 2))
          USING done.merged_id, done.kept_id, ids;
    END LOOP;
    DELETE FROM patient_site ps
     WHERE id IN (SELECT value::bigint FROM jsonb_array_elements_text(done.moved -> 'patient_site'))
       AND NOT EXISTS (
           SELECT 1 FROM lab_order o
            WHERE o.patient_id = done.kept_id AND ps.site_id IN (o.ordering_site_id, o.laboratory_id));
    UPDATE patient SET merged_into_id = NULL WHERE id = done.merged_id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0009_failed_reactions_wait"),
    ]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
