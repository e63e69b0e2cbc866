-- These tests of orders have their released result.
UPDATE order_item SET state = 'reported' WHERE id = ANY(%(items)s::bigint[]) AND state = 'open';
