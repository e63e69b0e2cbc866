-- Every kept content that is not what its digest says: of messages, of documents, and of reports by the audit of their making.
SELECT found.kind, found.id FROM (
    SELECT 'message' AS kind, m.id FROM message m WHERE sha256(m.content) <> m.digest
    UNION ALL
    SELECT 'report_document', d.id FROM report_document d WHERE sha256(d.content) <> d.digest
    UNION ALL
    SELECT 'report', r.id
      FROM report r
      JOIN audit_row a ON a.table_name = 'report' AND a.row_id = r.id AND a.before IS NULL
     WHERE a.after -> 'content' IS DISTINCT FROM r.content::jsonb
       AND a.after ->> 'content' IS DISTINCT FROM 'sha256:' || encode(sha256(convert_to(r.content::text, 'UTF8')), 'hex')
) found
 ORDER BY found.kind, found.id
 LIMIT %(limit)s;
