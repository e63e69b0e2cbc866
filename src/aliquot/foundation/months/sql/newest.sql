-- The latest moment in a span of ids, of results and of the audit.
SELECT greatest((SELECT max(recorded_at) FROM result WHERE id >= %(low)s::bigint AND id < %(high)s::bigint),
                (SELECT max(at) FROM audit_block WHERE id >= %(low)s::bigint AND id < %(high)s::bigint));
