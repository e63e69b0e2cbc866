-- How many of the three months after this one are ready in every table.
SELECT count(*) FROM generate_series(1, 3) AS ahead
 WHERE NOT EXISTS (
       SELECT FROM pg_class p
        WHERE p.relkind = 'p' AND p.relnamespace = 'public'::regnamespace
          AND to_regclass('months.' || month_table(p.relname, month_of(clock_timestamp()) + ahead)) IS NULL);
