"""What the numbers of a study say, and whether that is good enough."""
