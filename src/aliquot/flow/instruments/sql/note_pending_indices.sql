-- Results that wait for these indices are decided by a later batch: somebody holds their orders now.
UPDATE specimen_index SET is_pending = true WHERE id = ANY(%(ids)s::bigint[]);
