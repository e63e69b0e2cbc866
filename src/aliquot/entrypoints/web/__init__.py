"""The pages, by workplace: a screen belongs to the person who uses it."""
