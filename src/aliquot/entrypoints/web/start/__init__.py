"""Signing in, and the region at a glance."""
