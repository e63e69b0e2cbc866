-- Begin anew: every table of this database goes, and the rights on the schema are as on the first day.
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO aliquot_app;
