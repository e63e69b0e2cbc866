"""Patients and their identity."""
