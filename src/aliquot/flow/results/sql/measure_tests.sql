-- The tubes' tests that these results measured are measured: the analyzer is not asked for them again.
UPDATE specimen_test st
   SET state = 'measured'
  FROM result r
 WHERE r.id = ANY(%(ids)s::bigint[])
   AND st.specimen_id = r.specimen_id AND st.order_item_id = r.order_item_id AND st.state = 'accepted';
