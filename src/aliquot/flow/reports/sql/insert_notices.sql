-- One notice for each corrected version that changes what the site that ordered was told before.
INSERT INTO report_notice (ordering_site_id, laboratory_id, report_id, earlier_version, person, reason, told_at, due_at,
                           seen_by, acknowledged_by, told_to)
SELECT r.ordering_site_id, r.laboratory_id, r.id, given.earlier_version,
       coalesce((SELECT e.seen_by FROM report e WHERE e.order_id = r.order_id AND e.version < r.version
                    AND e.seen_at IS NOT NULL ORDER BY e.version DESC LIMIT 1), ''),
       given.reason, %(at)s, given.due_at, '', '', ''
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
           order_id bigint, version integer, earlier_version integer, reason text, due_at timestamptz)
  JOIN report r ON r.order_id = given.order_id AND r.version = given.version
    ON CONFLICT (report_id) DO NOTHING;
