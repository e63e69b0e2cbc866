-- Note that an analyzer did not take what was sent, so that a person sees it.
UPDATE message SET state = 'quarantined', problems = %(problems)s::jsonb WHERE id = %(id)s AND state = 'sent';
