-- What the database server says of itself, of the application's role and of work that waits.
SELECT current_setting('server_version_num')::integer AS version,
       coalesce((SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %(role)s), true) AS role_is_too_strong,
       (SELECT array_agg(relname::text ORDER BY relname) FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relrowsecurity) AS unprotected,
       (SELECT extract(epoch FROM clock_timestamp() - min(received_at))::float8 FROM message
         WHERE state = 'received' AND NOT is_outgoing) AS oldest_message_seconds,
       (SELECT extract(epoch FROM clock_timestamp() - min(recorded_at))::float8 FROM result
         WHERE state = 'recorded') AS oldest_result_seconds,
       (SELECT count(*) FROM critical_call WHERE state = 'open' AND due_at < clock_timestamp()) AS overdue_calls,
       (SELECT count(*) FROM event WHERE attempts > 0) AS failing_events,
       (SELECT kind || ' ' || subject_id || ': ' || fault FROM event
         WHERE attempts > 0 ORDER BY id DESC LIMIT 1) AS latest_fault,
       (SELECT count(*) FROM analyzer WHERE is_active) AS analyzers,
       (SELECT count(*) FROM test) AS tests;
