-- Every monitor and every plan in force, or none: what a run with and a run without them differ in.
WITH monitors AS (UPDATE patient_monitor SET state = CASE WHEN %(is_on)s THEN 'active' ELSE 'retired' END)
UPDATE control_plan SET until = CASE WHEN %(is_on)s THEN NULL ELSE %(at)s::timestamptz END;
