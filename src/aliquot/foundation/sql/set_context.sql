-- Tell this transaction who acts, for which sites, and why: row security and the audit read it.
SELECT set_config('aliquot.actor', %(actor)s, true),
       set_config('aliquot.sites', %(sites)s, true),
       set_config('aliquot.person', %(person)s, true),
       set_config('aliquot.permissions', %(permissions)s, true),
       set_config('aliquot.reason', %(reason)s, true);
