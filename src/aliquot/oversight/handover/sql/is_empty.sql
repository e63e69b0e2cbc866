-- Whether there is no table of ours in this database.
SELECT NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname IN ('public', 'months') AND c.relkind IN ('r', 'p'));
