"""The binder of ISO 15189:2022: for each clause what is recorded here as evidence, and what is not."""
