"""Reports as files: one template, embedded fonts, the same bytes for the same content."""
