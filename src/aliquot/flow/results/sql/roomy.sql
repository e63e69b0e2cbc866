-- This transaction reads one large set to its end: room to sort and join in memory, a plan for all rows, no time limit.
SELECT set_config('work_mem', '128MB', true), set_config('cursor_tuple_fraction', '1', true),
       set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true);
