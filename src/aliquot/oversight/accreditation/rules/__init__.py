"""Clauses and how they stand, without a database."""
