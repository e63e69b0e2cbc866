-- Note the days of a laboratory whose counts may have changed: what was recorded since the last look, and the intake it concerns.
-- Some rows before the last one seen are looked at again when they are young: they may have been committed after it.
INSERT INTO indicator_due (laboratory_id, day)
SELECT DISTINCT %(laboratory)s::bigint, (changed.at AT TIME ZONE %(zone)s::text)::date
  FROM (SELECT step.recorded_at AS at
          FROM (SELECT DISTINCT specimen_id FROM specimen_event
                 WHERE id > %(event_id)s::bigint - %(overlap)s::bigint AND laboratory_id = %(laboratory)s::bigint
                   AND (id > %(event_id)s::bigint OR recorded_at >= %(looked_at)s::timestamptz - interval '1 hour')) touched
          JOIN specimen_event step ON step.specimen_id = touched.specimen_id
           AND step.kind IN ('taken_in', 'missing', 'recollection_requested')
        UNION ALL
        SELECT measured_at FROM specimen_index
         WHERE id > %(index_id)s::bigint - %(overlap)s::bigint AND laboratory_id = %(laboratory)s::bigint
           AND (id > %(index_id)s::bigint OR measured_at >= %(looked_at)s::timestamptz - interval '1 day')
        UNION ALL
        SELECT released_at FROM report WHERE id > %(report_id)s::bigint - %(overlap)s::bigint AND laboratory_id = %(laboratory)s::bigint
           AND (id > %(report_id)s::bigint OR released_at >= %(looked_at)s::timestamptz - interval '1 hour')
        UNION ALL
        SELECT at FROM eqa_score WHERE id > %(score_id)s::bigint - %(overlap)s::bigint AND laboratory_id = %(laboratory)s::bigint
           AND (id > %(score_id)s::bigint OR at >= %(looked_at)s::timestamptz - interval '1 hour')
        UNION ALL
        SELECT measured_at FROM control_result WHERE id > %(control_id)s::bigint - %(overlap)s::bigint AND laboratory_id = %(laboratory)s::bigint
           AND (id > %(control_id)s::bigint OR recorded_at >= %(looked_at)s::timestamptz - interval '1 hour')
        UNION ALL
        SELECT closed_at FROM eqa_case
         WHERE laboratory_id = %(laboratory)s::bigint AND closed_at >= %(looked_at)s::timestamptz - interval '1 hour'
        UNION ALL
        -- a call changes while it is open, and weeks later when its value is withdrawn: that closes it
        SELECT opened_at FROM critical_call
         WHERE laboratory_id = %(laboratory)s::bigint AND kind = 'value'
           AND opened_at >= %(looked_at)s::timestamptz - interval '60 days'
           AND (greatest(opened_at, closed_at) >= %(looked_at)s::timestamptz - interval '1 hour'
                OR due_at BETWEEN %(looked_at)s::timestamptz AND %(at)s::timestamptz)) changed
 WHERE (changed.at AT TIME ZONE %(zone)s::text)::date >= %(earliest)s::date
    ON CONFLICT DO NOTHING;
