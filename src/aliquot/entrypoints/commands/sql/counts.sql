-- What a region holds, in six figures that anybody can check.
SELECT (SELECT count(*) FROM specimen) AS specimens,
       (SELECT count(*) FROM result) AS results_received,
       (SELECT count(*) FROM result WHERE state = 'released') AS results_released,
       (SELECT count(*) FROM result WHERE state = 'held') AS results_held,
       (SELECT count(*) FROM report) AS reports_released,
       (SELECT count(*) FROM message WHERE state = 'quarantined')
     + (SELECT count(DISTINCT message_id) FROM reading r WHERE r.state = 'quarantined'
           AND NOT EXISTS (SELECT 1 FROM message m WHERE m.id = r.message_id AND m.state = 'quarantined')) AS messages_quarantined;
