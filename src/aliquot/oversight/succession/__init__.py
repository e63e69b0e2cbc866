"""Operators of sites follow one another: planned, with what that changes, approved by a second person."""
