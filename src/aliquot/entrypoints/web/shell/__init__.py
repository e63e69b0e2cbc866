"""What every page shares: look, navigation, keys, charts, error pages, security headers."""
