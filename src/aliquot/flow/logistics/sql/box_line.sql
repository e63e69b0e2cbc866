-- One box with its tubes counted by what became of them.
SELECT b.number, b.state, b.lane, o.name_en AS origin_en, o.name_ru AS origin_ru, d.name_en AS destination_en,
       d.name_ru AS destination_ru, o.travel_minutes, b.courier, b.closed_at, b.picked_up_at, b.due_at,
       b.handed_over_at, b.received_at, coalesce(n.expected, 0) AS expected, coalesce(n.received, 0) AS received,
       coalesce(n.missing, 0) AS missing, coalesce(n.extra, 0) AS extra
  FROM box b JOIN site o ON o.id = b.origin_id JOIN site d ON d.id = b.destination_id
  LEFT JOIN LATERAL (
      SELECT count(*) FILTER (WHERE i.outcome = 'expected') AS expected,
             count(*) FILTER (WHERE i.outcome = 'received') AS received,
             count(*) FILTER (WHERE i.outcome = 'missing') AS missing,
             count(*) FILTER (WHERE i.outcome = 'extra') AS extra
        FROM box_item i WHERE i.box_id = b.id) n ON true
 WHERE b.number = %(number)s;
