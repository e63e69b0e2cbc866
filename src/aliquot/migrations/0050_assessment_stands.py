# What was evaluated stands: a round that is over, shares of participants, closed cases. Values without names for all.

from django.db import migrations

STANDS = """
CREATE FUNCTION eqa_round_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF OLD.state <> 'open' THEN
        RAISE insufficient_privilege USING MESSAGE = 'a round that is over stands as it is';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER eqa_round_stands BEFORE UPDATE ON eqa_round FOR EACH ROW EXECUTE FUNCTION eqa_round_stands();

CREATE FUNCTION eqa_participation_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    organises boolean := NEW.organiser_id = ANY(aliquot_sites()) AND aliquot_may('manage_quality');
BEGIN
    IF NOT EXISTS (SELECT 1 FROM eqa_round r WHERE r.id = NEW.round_id AND r.state = 'open') THEN
        RAISE insufficient_privilege USING MESSAGE = 'a round that is over takes and changes no participant';
    END IF;
    IF TG_OP = 'INSERT' AND NOT organises THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who organises the round names its participants';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.submitted_at IS NOT NULL AND (NEW.submitted_at, NEW.submitted_by)
       IS DISTINCT FROM (OLD.submitted_at, OLD.submitted_by) THEN
        RAISE insufficient_privilege USING MESSAGE = 'what was submitted is not taken back';
    END IF;
    IF TG_OP = 'UPDATE' AND NOT organises AND (NEW.score_percent, NEW.is_satisfactory)
       IS DISTINCT FROM (OLD.score_percent, OLD.is_satisfactory) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who organises the round evaluates it';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER eqa_participation_stands BEFORE INSERT OR UPDATE ON eqa_participation
    FOR EACH ROW EXECUTE FUNCTION eqa_participation_stands();

CREATE FUNCTION eqa_case_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT aliquot_may('manage_quality') THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who manages quality opens and closes a case';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'closed' THEN
        RAISE insufficient_privilege USING MESSAGE = 'a closed case stands as it is';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER eqa_case_stands BEFORE INSERT OR UPDATE ON eqa_case FOR EACH ROW EXECUTE FUNCTION eqa_case_stands();

REVOKE ALL ON FUNCTION eqa_round_stands(), eqa_participation_stands(), eqa_case_stands() FROM PUBLIC;

-- The organiser at any time, participants once the round is evaluated: numbers and methods, not whose they are.
CREATE FUNCTION eqa_returned(asked bigint) RETURNS TABLE (returned numeric, by_method text, is_own boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT e.value, e.method, e.laboratory_id = ANY(aliquot_sites())
    FROM eqa_result e
    JOIN eqa_round r ON r.id = e.round_id
    WHERE e.item_id = asked AND e.value IS NOT NULL
      AND ((r.organiser_id = ANY(aliquot_sites()) AND aliquot_may('manage_quality'))
           OR (r.state = 'closed' AND EXISTS (SELECT 1 FROM eqa_participation p
                WHERE p.round_id = r.id AND p.laboratory_id = ANY(aliquot_sites()))))
    ORDER BY e.value, e.method;
END $$;
REVOKE ALL ON FUNCTION eqa_returned(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION eqa_returned(bigint) TO aliquot_app;
"""
UNDO = """
DROP FUNCTION eqa_returned(bigint);
DROP TRIGGER eqa_case_stands ON eqa_case;
DROP TRIGGER eqa_participation_stands ON eqa_participation;
DROP TRIGGER eqa_round_stands ON eqa_round;
DROP FUNCTION eqa_case_stands(), eqa_participation_stands(), eqa_round_stands();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0049_indicators"),
    ]

    operations = [migrations.RunSQL(STANDS, UNDO)]
