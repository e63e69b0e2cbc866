"""Indicators: figures by month and site with the tubes behind each, and times by leg."""
