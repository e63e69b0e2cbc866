-- What row security and the audit ask of the transaction's context; absent means nobody and nothing.
CREATE OR REPLACE FUNCTION aliquot_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('aliquot.actor', true), '') $$;
CREATE OR REPLACE FUNCTION aliquot_sites() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(nullif(current_setting('aliquot.sites', true), '')::bigint[], '{}') $$;
CREATE OR REPLACE FUNCTION aliquot_person() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('aliquot.person', true), '')::bigint $$;
CREATE OR REPLACE FUNCTION aliquot_may(permission text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('aliquot.permissions', true), '') LIKE '%,' || permission || ',%'
              OR coalesce(current_setting('aliquot.permissions', true), '') = ',*,' $$;
