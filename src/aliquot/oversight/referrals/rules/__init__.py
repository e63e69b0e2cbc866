"""Pure decisions of work between regions."""
