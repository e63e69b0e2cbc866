-- Tests that will have no value: not performed, for a reason that the report says.
UPDATE order_item i SET state = 'not_performed', state_reason = %(reason)s, state_facts = %(facts)s::jsonb
 WHERE i.id = ANY(%(items)s::bigint[]) AND i.state IN ('open', 'reported');
