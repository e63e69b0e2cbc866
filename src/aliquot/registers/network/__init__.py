"""Organisations, sites, departments, benches."""
