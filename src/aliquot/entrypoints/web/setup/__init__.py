"""Setup: sites, people, catalogue, analyzers, audit, and the health of the installation."""
