"""The path of a specimen, first step lowest."""
