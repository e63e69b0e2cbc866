"""Figures and pictures of what goes on; reads only."""
