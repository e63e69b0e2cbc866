-- The cycle of orders: which tests in which tube, with what their values need.
CREATE TEMP TABLE IF NOT EXISTS bench_plan (
    kind integer, tube integer, item integer, position integer, test_id bigint, container_id bigint,
    specimen_type_id bigint, low float8, high float8, decimals integer, unit text, code text, analyzer_id bigint);
