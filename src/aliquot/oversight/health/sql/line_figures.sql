-- Every analyzer with what its line does and how much of what it sent, or is to be told, waits.
SELECT a.code, a.driver, s.code AS laboratory, a.is_active, a.is_suspended,
       EXISTS (SELECT 1 FROM driver_stop d WHERE d.model = a.driver AND d.ended_at IS NULL) AS is_stopped,
       coalesce(l.state, 'closed') AS state, l.updated_at, l.last_byte_at, l.last_message_at,
       coalesce(l.frames_accepted, 0) AS frames_accepted, coalesce(l.frames_refused, 0) AS frames_refused,
       coalesce(l.frames_repeated, 0) AS frames_repeated, coalesce(l.sessions, 0) AS sessions,
       coalesce(l.reconnects, 0) AS reconnects, coalesce(l.messages, 0) AS messages,
       coalesce(l.bytes_in, 0) AS bytes_in, coalesce(l.bytes_out, 0) AS bytes_out, l.clock_skew_seconds,
       coalesce(unread.count, 0) AS unread, unread.oldest AS oldest_unread_at,
       coalesce(waiting_messages.count, 0) AS quarantined_messages,
       coalesce(waiting_readings.count, 0) AS quarantined_readings,
       coalesce(to_send.count, 0) AS to_send
  FROM analyzer a
  JOIN site s ON s.id = a.laboratory_id
  LEFT JOIN line_state l ON l.analyzer_id = a.id
  LEFT JOIN (SELECT analyzer_id, count(*), min(received_at) AS oldest
               FROM message WHERE state = 'received' GROUP BY 1) unread ON unread.analyzer_id = a.id
  LEFT JOIN (SELECT analyzer_id, count(*)
               FROM message WHERE state = 'quarantined' GROUP BY 1) waiting_messages
    ON waiting_messages.analyzer_id = a.id
  LEFT JOIN (SELECT analyzer_id, count(*)
               FROM reading WHERE state = 'quarantined' GROUP BY 1) waiting_readings
    ON waiting_readings.analyzer_id = a.id
  LEFT JOIN (SELECT analyzer_id, count(*)
               FROM work_request WHERE state IN ('queued', 'sending') GROUP BY 1) to_send
    ON to_send.analyzer_id = a.id
 ORDER BY a.code;
