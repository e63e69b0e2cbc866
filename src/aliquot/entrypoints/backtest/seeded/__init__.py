"""Errors planted in a made-up population, to see which of them the rules of automatic release catch."""
