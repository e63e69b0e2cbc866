"""The clinic: find or register a patient, order tests, follow an order."""
