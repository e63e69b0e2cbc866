"""Scores of a round and values assigned from its participants."""
