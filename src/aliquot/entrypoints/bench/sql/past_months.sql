-- A month of results for each month since a moment, where there is none.
SELECT add_month('result', month::integer) FROM generate_series(month_of(%(begin)s), month_of(clock_timestamp())) AS month;
