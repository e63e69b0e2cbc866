-- The next number follows this one.
SELECT setval(%(sequence)s::regclass, %(last)s);
