"""Monitors tried on a laboratory's own results, in a process beside the live path."""
