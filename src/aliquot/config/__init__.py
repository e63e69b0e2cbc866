"""Settings, addresses and reactions."""
