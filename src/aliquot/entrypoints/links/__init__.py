"""The lines to the analyzers: one TCP server for each, every message kept before it is acknowledged."""
