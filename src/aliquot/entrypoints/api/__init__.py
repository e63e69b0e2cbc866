"""FHIR and JSON over HTTP, and the figures of the lines for Prometheus."""
