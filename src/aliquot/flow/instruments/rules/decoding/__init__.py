"""Captures of analyzers read without a database: of what layer the bytes are, whose, and what they say."""

from aliquot.flow.instruments.rules.decoding.capture import FEEDS, Row, decode
from aliquot.flow.instruments.rules.decoding.page import Page

__all__ = ["FEEDS", "Page", "Row", "decode"]
