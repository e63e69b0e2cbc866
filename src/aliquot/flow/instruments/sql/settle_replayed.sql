-- Messages that are read whole again, that a person has to see, or that hold nothing strange any more.
UPDATE message m
   SET state = given.state, decided_at = %(at)s, decided_by = %(by)s, problems = m.problems || given.problem::jsonb
  FROM unnest(%(ids)s::bigint[], %(before)s::text[], %(after)s::text[], %(problems)s::text[])
           AS given (id, before, state, problem)
 WHERE m.id = given.id AND m.state = given.before;
