"""FHIR and JSON over HTTP."""
