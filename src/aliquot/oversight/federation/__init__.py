"""Nodes and what they tell each other: publications, messages, the shared catalogue."""
