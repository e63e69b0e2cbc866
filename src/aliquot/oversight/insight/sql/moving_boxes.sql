-- Boxes on the road, with how far the usual travel time has run.
SELECT b.number, o.code AS origin, d.code AS destination, b.picked_up_at, b.due_at,
       (SELECT count(*) FROM box_item i WHERE i.box_id = b.id AND i.outcome = 'expected') AS tubes
  FROM box b JOIN site o ON o.id = b.origin_id JOIN site d ON d.id = b.destination_id
 WHERE b.state = 'in_transit'
 ORDER BY b.id DESC
 LIMIT 60;
