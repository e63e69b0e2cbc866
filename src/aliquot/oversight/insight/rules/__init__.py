"""Indicators without a database: what each counts, its tier, and percentiles of counted times."""
