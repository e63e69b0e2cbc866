-- Who reads from this server: what is kept for each slot, and how much more will be before it is void.
SELECT slot_name::text AS name, active AS is_active, coalesce(wal_status, 'lost') AS wal_status,
       coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint AS kept_bytes, safe_wal_size AS left_bytes
  FROM pg_replication_slots
 WHERE slot_type = 'logical' AND database = current_database() AND NOT temporary AND slot_name NOT LIKE 'pg\_%%'
 ORDER BY slot_name;
