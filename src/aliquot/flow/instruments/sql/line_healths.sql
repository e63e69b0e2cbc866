-- How lines fare, with what waits behind them; what waits is counted once for all lines, by the partial indexes.
WITH unread AS (
    SELECT m.analyzer_id, count(*) AS count, min(m.received_at) AS oldest
      FROM message m
     WHERE m.state = 'received' AND (%(analyzer)s::bigint IS NULL OR m.analyzer_id = %(analyzer)s)
     GROUP BY m.analyzer_id
), waiting AS (
    SELECT analyzer_id, sum(count)::bigint AS count
      FROM (SELECT m.analyzer_id, count(*) FROM message m
             WHERE m.state = 'quarantined' AND (%(laboratory)s::bigint IS NULL OR m.laboratory_id = %(laboratory)s)
               AND (%(analyzer)s::bigint IS NULL OR m.analyzer_id = %(analyzer)s)
             GROUP BY m.analyzer_id
            UNION ALL
            SELECT r.analyzer_id, count(*) FROM reading r
             WHERE r.state = 'quarantined' AND (%(laboratory)s::bigint IS NULL OR r.laboratory_id = %(laboratory)s)
               AND (%(analyzer)s::bigint IS NULL OR r.analyzer_id = %(analyzer)s)
             GROUP BY r.analyzer_id) both_kinds
     GROUP BY analyzer_id
), outgoing AS (
    SELECT w.analyzer_id, count(*) FILTER (WHERE w.state IN ('queued', 'sending')) AS queued,
           min(w.asked_at) FILTER (WHERE w.state IN ('queued', 'sending')) AS oldest,
           count(*) FILTER (WHERE w.state IN ('undelivered', 'refused')) AS undelivered
      FROM work_request w
     WHERE w.state IN ('queued', 'sending', 'undelivered', 'refused')
       AND (%(analyzer)s::bigint IS NULL OR w.analyzer_id = %(analyzer)s)
     GROUP BY w.analyzer_id
)
SELECT a.id AS analyzer_id, a.code, a.name, a.driver, a.is_active, coalesce(l.state, '') AS state,
       l.state_since, l.updated_at, l.connected_since, l.last_byte_at, l.last_message_at,
       coalesce(l.frames_accepted - l.window_accepted, 0) AS window_accepted,
       coalesce(l.frames_refused - l.window_refused, 0) AS window_refused,
       coalesce(l.frames_accepted, 0) AS frames_accepted, coalesce(l.frames_refused, 0) AS frames_refused,
       coalesce(l.frames_repeated, 0) AS frames_repeated, coalesce(l.sessions, 0) AS sessions,
       coalesce(l.reconnects, 0) AS reconnects, coalesce(l.messages, 0) AS messages,
       coalesce(l.bytes_in, 0) AS bytes_in, coalesce(l.bytes_out, 0) AS bytes_out,
       l.clock_skew_seconds, coalesce(l.last_error, '') AS last_error, l.last_error_at,
       coalesce(u.count, 0) AS unread, u.oldest AS oldest_unread_at, coalesce(w.count, 0) AS waiting,
       coalesce(o.queued, 0) AS queued, o.oldest AS oldest_queued_at, coalesce(o.undelivered, 0) AS undelivered,
       d.since AS stopped_since, coalesce(d.reason, '') AS stop_reason
  FROM analyzer a
  LEFT JOIN line_state l ON l.analyzer_id = a.id
  LEFT JOIN unread u ON u.analyzer_id = a.id
  LEFT JOIN waiting w ON w.analyzer_id = a.id
  LEFT JOIN outgoing o ON o.analyzer_id = a.id
  LEFT JOIN driver_stop d ON d.model = a.driver AND d.ended_at IS NULL
 WHERE (%(laboratory)s::bigint IS NULL OR a.laboratory_id = %(laboratory)s)
   AND (%(analyzer)s::bigint IS NULL OR a.id = %(analyzer)s)
 ORDER BY a.code;
