-- Take indices that were left for later, the oldest first, and hold their orders; what somebody else holds stays.
WITH claimed AS (
     SELECT x.id, x.specimen_id
       FROM specimen_index x
       JOIN specimen s ON s.id = x.specimen_id
       JOIN lab_order o ON o.id = s.order_id
      WHERE x.is_pending
      ORDER BY x.id
      LIMIT %(limit)s
        FOR NO KEY UPDATE OF o SKIP LOCKED)
UPDATE specimen_index x SET is_pending = false FROM claimed c WHERE x.id = c.id RETURNING x.specimen_id;
