-- What the senders and the watch noted.
CREATE TEMP TABLE IF NOT EXISTS bench_sent (number text, began float8, acknowledged float8, ended float8);
CREATE TEMP TABLE IF NOT EXISTS bench_seen (block_id bigint, at float8);
TRUNCATE bench_sent, bench_seen;
