-- A table and its months.
SELECT relid::text FROM pg_partition_tree(%(table)s::regclass)
UNION SELECT %(table)s::regclass::text;
