"""Scores asked for in JSON: which kind the inputs are, their spellings, and what is answered."""
