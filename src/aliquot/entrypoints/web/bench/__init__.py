"""The bench: what waits for a value, for a decision, for a call, and what analyzers said and are told."""
