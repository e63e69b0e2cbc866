-- Write how lines fare; the share of refused frames is counted within a window of at most ten minutes.
INSERT INTO line_state AS l (
       analyzer_id, laboratory_id, state, state_since, updated_at, process_since, connected_since, last_byte_at,
       last_message_at, frames_accepted, frames_refused, frames_repeated, sessions, reconnects, messages, bytes_in,
       bytes_out, window_since, window_accepted, window_refused, clock_skew_seconds, last_error, last_error_at)
SELECT analyzer_id, laboratory_id, state, %(at)s, %(at)s, process_since, connected_since, last_byte_at,
       last_message_at, frames_accepted, frames_refused, frames_repeated, sessions, reconnects, messages, bytes_in,
       bytes_out, %(at)s, 0, 0, clock_skew_seconds, last_error, last_error_at
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
           analyzer_id bigint, laboratory_id bigint, state text, process_since timestamptz, connected_since timestamptz,
           last_byte_at timestamptz, last_message_at timestamptz, frames_accepted bigint, frames_refused bigint,
           frames_repeated bigint, sessions bigint, reconnects bigint, messages bigint, bytes_in bigint,
           bytes_out bigint, clock_skew_seconds float, last_error text, last_error_at timestamptz)
 ORDER BY analyzer_id
    ON CONFLICT (analyzer_id) DO UPDATE
   SET state = excluded.state,
       state_since = CASE WHEN l.state = excluded.state THEN l.state_since ELSE excluded.state_since END,
       updated_at = excluded.updated_at,
       process_since = excluded.process_since,
       connected_since = excluded.connected_since,
       last_byte_at = coalesce(excluded.last_byte_at, l.last_byte_at),
       last_message_at = coalesce(excluded.last_message_at, l.last_message_at),
       frames_accepted = excluded.frames_accepted,
       frames_refused = excluded.frames_refused,
       frames_repeated = excluded.frames_repeated,
       sessions = excluded.sessions,
       reconnects = excluded.reconnects,
       messages = excluded.messages,
       bytes_in = excluded.bytes_in,
       bytes_out = excluded.bytes_out,
       clock_skew_seconds = coalesce(excluded.clock_skew_seconds, l.clock_skew_seconds),
       last_error = CASE WHEN excluded.last_error <> '' THEN excluded.last_error ELSE l.last_error END,
       last_error_at = coalesce(excluded.last_error_at, l.last_error_at),
       -- counts begin anew with each process; a window ends when it has lasted ten minutes
       window_since = CASE WHEN l.process_since <> excluded.process_since
                             OR l.window_since < excluded.updated_at - interval '10 minutes'
                           THEN excluded.updated_at ELSE l.window_since END,
       window_accepted = CASE WHEN l.process_since <> excluded.process_since THEN 0
                              WHEN l.window_since < excluded.updated_at - interval '10 minutes'
                              THEN excluded.frames_accepted ELSE l.window_accepted END,
       window_refused = CASE WHEN l.process_since <> excluded.process_since THEN 0
                             WHEN l.window_since < excluded.updated_at - interval '10 minutes'
                             THEN excluded.frames_refused ELSE l.window_refused END;
