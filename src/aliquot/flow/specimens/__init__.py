"""Tubes: labels, collection, acceptance."""
