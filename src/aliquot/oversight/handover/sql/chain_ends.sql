-- The end of each chain of the audit.
SELECT slot, seq, encode(hash, 'hex') FROM audit_head ORDER BY slot;
