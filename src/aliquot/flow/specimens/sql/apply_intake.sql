-- Write reception's verdict on each tube; a tube that was not yet scanned as arrived has arrived now.
UPDATE specimen s
   SET state = judged.state, accepted_at = %(at)s, arrived_at = coalesce(s.arrived_at, %(at)s), custody_site_id = %(site)s
  FROM unnest(%(specimens)s::bigint[], %(states)s::text[]) AS judged (id, state)
 WHERE s.id = judged.id;
