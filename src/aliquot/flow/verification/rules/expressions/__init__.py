"""The expression language of rules: parsed, typed against the catalogue, printed, compiled, explained."""
