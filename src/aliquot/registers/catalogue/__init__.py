"""Tests, panels, containers, intervals."""
