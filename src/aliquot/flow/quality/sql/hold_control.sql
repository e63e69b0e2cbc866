-- Hold how tests on analyzers stand: one at a time files their controls or says how they stand; taken in the order that is given.
SELECT pg_advisory_xact_lock(analyzer, test) FROM unnest(%(analyzers)s::integer[], %(tests)s::integer[]) AS given (analyzer, test);
