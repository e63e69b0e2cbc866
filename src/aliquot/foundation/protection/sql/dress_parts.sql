-- Every month of every table is closed to the application, and has the triggers of its table.
SELECT dress_month(i.inhparent::regclass, i.inhrelid::regclass)
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhparent
 WHERE c.relkind = 'p' AND c.relnamespace = 'public'::regnamespace;
