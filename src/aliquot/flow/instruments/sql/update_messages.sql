-- Write what became of the messages that were read.
UPDATE message m
   SET state = given.state, problems = given.problems::jsonb
  FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(problems)s::text[]) AS given (id, state, problems)
 WHERE m.id = given.id AND m.state = 'received';
