-- Where each sequence of numbers is; those that gave none yet are left out.
SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename), last_value
  FROM pg_sequences WHERE schemaname IN ('public', 'months') AND last_value IS NOT NULL ORDER BY 1;
