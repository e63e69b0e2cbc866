"""Grammars of devices that speak no standard: each translates its text into the records of LIS02-A2."""
