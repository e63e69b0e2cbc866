-- Leave nothing of it.
DROP TABLE bare_message, bare_line, bare_result, bare_item, bare_audit;
DROP SEQUENCE bare_block;
