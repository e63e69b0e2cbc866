-- How much the audit holds, and one digest of all chain ends to keep elsewhere.
SELECT (SELECT count(*) FROM audit_block) AS blocks, (SELECT count(*) FROM audit_row) AS rows,
       (SELECT encode(sha256(coalesce(string_agg(hash, ''::bytea ORDER BY slot), '')), 'hex') FROM audit_head) AS anchor;
