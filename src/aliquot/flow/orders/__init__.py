"""Requests for tests."""
