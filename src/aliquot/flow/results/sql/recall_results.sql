-- What was released is recalled, what was not is held; each becomes a member of the look-back, as it was before. What the
-- rules have not decided stays undecided; a release that may still be taken back never left the house, and is held.
WITH changed AS (
    UPDATE result r
       SET state = CASE WHEN r.state = 'released' AND NOT is_kept_back(r.id) THEN 'recalled' ELSE 'held' END,
           decided_at = CASE WHEN r.state = 'recorded' THEN r.decided_at ELSE %(at)s END,
           released_at = CASE WHEN NOT is_kept_back(r.id) THEN r.released_at END,
           released_by = CASE WHEN is_kept_back(r.id) THEN '' ELSE r.released_by END,
           reasons = r.reasons || CASE WHEN r.state = 'released' AND NOT is_kept_back(r.id) THEN %(recalled)s::jsonb
                                       ELSE %(held)s::jsonb END
     WHERE r.id = ANY(%(ids)s::bigint[]) AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[])
       AND r.state IN ('recorded', 'held', 'released')
       AND NOT EXISTS (SELECT FROM look_back_member m WHERE m.result_id = r.id AND m.settled_id IS NULL)
    RETURNING r.id, r.order_id, r.state, r.ordering_site_id, r.laboratory_id
)
INSERT INTO look_back_member (look_back_id, result_id, order_id, was, ordering_site_id, laboratory_id)
SELECT %(look_back)s, id, order_id, CASE state WHEN 'recalled' THEN 'released' ELSE 'held' END, ordering_site_id, laboratory_id
  FROM changed
RETURNING result_id, order_id, was;
