-- Release it.
UPDATE bench_bare
   SET state = 'released', flag = 'N', low = 3.9, high = 6.1, is_automatic = true, decided_at = now(), released_at = now(),
       released_by = 'system:worker'
 WHERE id BETWEEN %(first)s::bigint AND %(first)s::bigint + %(count)s - 1;
