"""Reports: composed, rendered, released."""
