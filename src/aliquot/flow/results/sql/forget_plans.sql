-- What the planner chose for a handful of rows would compare all with all for a hundred thousand.
DISCARD PLANS;
