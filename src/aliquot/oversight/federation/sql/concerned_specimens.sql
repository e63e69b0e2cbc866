-- The tubes that these changed rows concern: themselves, those that serve a changed test, those of an order.
SELECT unnest(%(specimens)s::bigint[]) AS id
UNION
SELECT x.specimen_id FROM specimen_test x WHERE x.id = ANY (%(served)s::bigint[])
UNION
SELECT p.id FROM specimen p WHERE p.order_id = ANY (%(orders)s::bigint[]);
