-- Put readings aside that another reading replaces; a filed one never.
UPDATE reading r
   SET state = 'dismissed', decided_at = %(at)s, decided_by = %(by)s, decision_note = %(note)s
  FROM unnest(%(ids)s::bigint[], %(states)s::text[]) AS given (id, state)
 WHERE r.id = given.id AND r.state = given.state AND r.state IN ('quarantined', 'control', 'kept', 'duplicate');
