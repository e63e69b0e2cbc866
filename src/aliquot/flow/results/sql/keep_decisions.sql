-- What results are before a person decides about them, so that the decision may be taken back until then.
INSERT INTO decision (ordering_site_id, laboratory_id, result_id, order_id, kind, was, at, by, until, was_taken_back)
SELECT r.ordering_site_id, r.laboratory_id, r.id, r.order_id, %(kind)s,
       jsonb_build_object('state', r.state, 'reasons', r.reasons, 'decided_at', r.decided_at), %(at)s, %(by)s, %(until)s, false
  FROM result r
 WHERE r.id = ANY(%(ids)s::bigint[]) AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[]);
