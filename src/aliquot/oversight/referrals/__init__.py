"""Work between regions: a tube goes out under a pseudonym, its results come back to its order."""
