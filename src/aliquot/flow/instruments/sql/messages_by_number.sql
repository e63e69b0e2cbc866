-- The latest message that we sent to an analyzer under each of these numbers of ours.
SELECT given.analyzer_id, given.number, sent.id
  FROM (SELECT DISTINCT * FROM unnest(%(analyzers)s::bigint[], %(numbers)s::text[]) AS x (analyzer_id, number)) given
 CROSS JOIN LATERAL (
       SELECT m.id FROM message m
        WHERE m.analyzer_id = given.analyzer_id AND m.control_id = given.number AND m.control_id <> '' AND m.is_outgoing
        ORDER BY m.id DESC
        LIMIT 1) sent;
