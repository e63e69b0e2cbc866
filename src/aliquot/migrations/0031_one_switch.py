# A suspended analyzer is one that has a suspension: the analyzer's own mark follows it, and nothing else sets it.

from django.db import migrations

MARK = """
INSERT INTO suspension (scope, laboratory_id, analyzer_id, reason, since, by, ended_by, end_reason)
SELECT 'analyzer', laboratory_id, id, 'suspended before reasons were kept', now(), 'system:installation', '', ''
  FROM analyzer WHERE is_suspended;
CREATE FUNCTION mark_suspended_analyzer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE analyzer SET is_suspended = (NEW.ended_at IS NULL) WHERE id = NEW.analyzer_id;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION mark_suspended_analyzer() FROM PUBLIC;
CREATE TRIGGER suspension_marks AFTER INSERT OR UPDATE OF ended_at ON suspension
    FOR EACH ROW WHEN (NEW.analyzer_id IS NOT NULL) EXECUTE FUNCTION mark_suspended_analyzer();
"""
UNDO = "DROP TRIGGER suspension_marks ON suspension; DROP FUNCTION mark_suspended_analyzer();"


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0030_specimen_indices'),
    ]

    operations = [
        migrations.RunSQL(MARK, UNDO),
    ]
