-- The last rows that there are of what the counts are made of.
SELECT (SELECT coalesce(max(id), 0) FROM specimen_event) AS event_id,
       (SELECT coalesce(max(id), 0) FROM specimen_index) AS index_id,
       (SELECT coalesce(max(id), 0) FROM report) AS report_id,
       (SELECT coalesce(max(id), 0) FROM eqa_score) AS score_id,
       (SELECT coalesce(max(id), 0) FROM control_result) AS control_id;
