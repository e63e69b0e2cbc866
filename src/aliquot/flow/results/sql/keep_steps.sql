-- The steps of ladders as they were taken; each once, whoever tries again.
INSERT INTO critical_escalation (ordering_site_id, laboratory_id, call_id, step, at, whom, was_passed_over, contacts)
SELECT given.ordering_site_id, given.laboratory_id, given.call_id, given.step, %(at)s, given.whom, given.was_passed_over,
       given.contacts
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
           ordering_site_id bigint, laboratory_id bigint, call_id bigint, step smallint, whom text,
           was_passed_over boolean, contacts jsonb)
 ORDER BY given.call_id, given.step
    ON CONFLICT (call_id, step) DO NOTHING;
