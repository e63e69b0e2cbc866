-- Take a block of numbers from a site's range and say the last one; the row lock keeps blocks apart, a rollback gives them back.
SELECT take_numbers(%(site)s::bigint, %(kind)s, %(count)s::bigint);
