"""Carries messages to other nodes: what waits is sent in its order, until it is kept there."""
