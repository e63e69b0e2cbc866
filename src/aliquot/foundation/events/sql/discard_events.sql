-- Remove what nobody reacts to, lest it gathers for years.
DELETE FROM event
 WHERE id IN (SELECT id FROM event WHERE kind <> ALL(%(kinds)s::text[]) LIMIT %(limit)s FOR UPDATE SKIP LOCKED);
