-- Results that came while a look-back over their interval was open are members of it from the first moment.
INSERT INTO look_back_member (look_back_id, result_id, order_id, was, ordering_site_id, laboratory_id)
SELECT given.look_back, r.id, r.order_id, 'held', r.ordering_site_id, r.laboratory_id
  FROM unnest(%(ids)s::bigint[], %(look_backs)s::bigint[]) AS given (id, look_back)
  JOIN result r ON r.id = given.id
 WHERE r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[]);
