"""The binder of ISO 15189:2022, live."""
