-- Results of these tubes that only the rules hold, because an index is missing, are undecided again; what a person said
-- something about (who or a note stands with it), or what is being measured again, is not touched.
UPDATE result r
   SET state = 'recorded'
 WHERE r.id = ANY (ARRAY(
       SELECT found.id
         FROM unnest(%(specimens)s::bigint[]) AS wanted (id)
         JOIN specimen s ON s.id = wanted.id
         JOIN lab_order o ON o.id = s.order_id
        CROSS JOIN LATERAL (
              SELECT x.id
                FROM result x
               WHERE x.order_id = o.id AND x.specimen_id = s.id AND x.state = 'held'
                 AND x.id >= results_since(least(o.placed_at, now())) AND x.id < month_begins(now() + interval '32 days')
                 AND x.reasons @> '[{"code": "index_missing"}]'
                 AND NOT x.reasons @? '$[*] ? (exists (@.name) || exists (@.note) || @.code == "rerun_asked")') found))
   AND r.state || '' = 'held'
RETURNING r.id;
