-- A name by which other sessions see the database exactly as this transaction does.
SELECT pg_export_snapshot();
