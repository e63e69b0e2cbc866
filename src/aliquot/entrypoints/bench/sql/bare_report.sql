-- The tests of the orders that are reported now.
UPDATE bare_item i SET state = 'reported'
  FROM bare_result r
 WHERE r.id > %(result)s::bigint AND r.xmin = pg_current_xact_id()::xid
   AND i.id = r.order_item_id;
