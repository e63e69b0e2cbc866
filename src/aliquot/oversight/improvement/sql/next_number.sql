-- The next number of a nonconformity in this year of the region; nobody else takes one until the transaction ends.
SELECT next_nonconformity(%(year)s::integer)
