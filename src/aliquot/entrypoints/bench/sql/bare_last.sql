-- The last ids that were given to a line and to a result.
SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('bare_line', 'id')::regclass), 0),
       coalesce(pg_sequence_last_value(pg_get_serial_sequence('bare_result', 'id')::regclass), 0);
