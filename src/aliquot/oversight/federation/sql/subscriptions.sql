-- The subscriptions of this database: switched on, connected, and how often what came was refused since it was made.
SELECT s.subname::text, s.subenabled, EXISTS (SELECT FROM pg_stat_subscription w WHERE w.subid = s.oid AND w.relid IS NULL
       AND w.pid IS NOT NULL AND w.last_msg_receipt_time > clock_timestamp() - interval '2 minutes') AS is_connected,
       coalesce(t.apply_error_count, 0) + coalesce(t.sync_error_count, 0) AS errors
  FROM pg_subscription s
  LEFT JOIN pg_stat_subscription_stats t ON t.subid = s.oid
 WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database());
