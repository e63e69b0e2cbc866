-- Readings that the driver does not find any more in their message wait for a person again, with that as the reason.
UPDATE reading
   SET state = 'quarantined', specimen_id = NULL,
       reason = '[{"code": "driver_failed", "detail": "not found again in its message"}]'
 WHERE id = ANY(%(ids)s::bigint[]) AND state = 'received';
