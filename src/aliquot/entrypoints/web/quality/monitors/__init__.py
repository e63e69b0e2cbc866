"""Monitors of patients' results: designed, signed, watched, their alarms answered."""
