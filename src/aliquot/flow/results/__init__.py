"""Results: recorded, decided, verified, amended."""
