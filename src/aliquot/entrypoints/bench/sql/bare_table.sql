-- A table like that of the results, with its indexes and without its protection.
CREATE TABLE bench_bare (LIKE result INCLUDING ALL);
