"""Pure: which month a moment and an id belong to."""
