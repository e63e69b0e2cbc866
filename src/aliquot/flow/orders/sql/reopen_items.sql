-- Tests whose released value was taken back are open again, and with them their orders.
WITH opened AS (
    UPDATE order_item i SET state = 'open', state_reason = '', state_facts = '{}'
     WHERE i.id = ANY(%(items)s::bigint[]) AND i.state IN ('reported', 'not_performed')
    RETURNING i.order_id
)
UPDATE lab_order o SET state = 'placed', completed_at = NULL
 WHERE o.id IN (SELECT order_id FROM opened) AND o.state = 'completed';
