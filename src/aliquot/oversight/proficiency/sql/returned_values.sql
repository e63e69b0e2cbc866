-- The numbers that were returned for an item with their methods, not whose they are; the function says who may know.
SELECT returned AS value, by_method AS method, is_own, further AS is_further FROM eqa_returned(%(item)s::bigint)
