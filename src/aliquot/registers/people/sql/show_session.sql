-- Tell row security which session key this browser brought.
SELECT set_config('aliquot.session', %(key)s, true);
