-- Note that an analyzer did not take what was sent, or got no answer, so that a person sees it.
UPDATE message SET state = 'quarantined', problems = %(problems)s::jsonb WHERE id = %(id)s AND state IN ('sent', 'asked');
