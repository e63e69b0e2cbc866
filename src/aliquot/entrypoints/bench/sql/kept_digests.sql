-- The digests of the messages that brought results.
SELECT digest FROM message
 WHERE id > %(message)s::bigint AND NOT is_outgoing AND state NOT IN ('asked', 'answered');
