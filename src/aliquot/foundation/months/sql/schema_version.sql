-- The migration that was applied last.
SELECT name FROM django_migrations WHERE app = 'aliquot' ORDER BY id DESC LIMIT 1;
