-- The highest id that a first copy has to reach.
SELECT coalesce(max(id), 0) FROM specimen;
