-- What the database holds of the measured tubes: messages that asked nothing, readings filed, results by state, tests with two.
SELECT (SELECT count(*) FROM message WHERE id > %(message)s::bigint AND NOT is_outgoing
                                       AND state NOT IN ('asked', 'answered')) AS messages,
       (SELECT count(*) FROM message WHERE id > %(message)s::bigint AND state = 'filed') AS messages_filed,
       (SELECT count(*) FROM reading WHERE id > %(reading)s::bigint) AS readings,
       (SELECT count(*) FROM reading WHERE id > %(reading)s::bigint AND state = 'filed') AS filed,
       (SELECT count(*) FROM result WHERE id > %(result)s::bigint) AS results,
       (SELECT count(*) FROM result WHERE id > %(result)s::bigint AND state = 'released') AS released,
       (SELECT count(*) FROM result WHERE id > %(result)s::bigint AND state = 'held') AS held,
       (SELECT count(*) FROM (SELECT FROM result WHERE id > %(result)s::bigint
                               GROUP BY order_item_id HAVING count(*) > 1) twice) AS twice;
