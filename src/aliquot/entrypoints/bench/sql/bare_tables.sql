-- The plainest tables that hold messages, results, what is open, and what changed.
CREATE TABLE bare_message (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, received_at timestamptz DEFAULT now(), content bytea);
CREATE TABLE bare_line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text, driver text, code text, value text);
CREATE TABLE bare_result (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_item_id bigint, order_id bigint, specimen_id bigint,
    patient_id bigint, test_id bigint, value numeric, state text, measured_at timestamptz, collected_at timestamptz,
    recorded_at timestamptz, released_at timestamptz, released_by text);
CREATE INDEX ON bare_result (patient_id, test_id, collected_at);
CREATE TABLE bare_item AS SELECT id, state FROM order_item WHERE state = 'open';
ALTER TABLE bare_item ADD PRIMARY KEY (id);
CREATE TABLE bare_audit (block bigint, row_id bigint, at timestamptz, actor text, after jsonb, PRIMARY KEY (block, row_id));
CREATE SEQUENCE bare_block;
ANALYZE bare_item;
