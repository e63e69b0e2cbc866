"""Aliquot: a centralised medical laboratory service, region by region."""
