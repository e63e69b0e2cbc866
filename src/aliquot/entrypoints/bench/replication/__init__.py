"""How far a federation is behind a region that measures at a pace, and how it catches up after a cut."""
