-- How far each ladder was climbed, and when its next step is due.
UPDATE critical_call c
   SET step = given.step, next_step_at = given.next_at
  FROM unnest(%(ids)s::bigint[], %(steps)s::smallint[], %(next)s::timestamptz[]) AS given (id, step, next_at)
 WHERE c.id = given.id AND c.state = 'open' AND c.step <= given.step;
