"""The network of nodes: lines, messages."""
