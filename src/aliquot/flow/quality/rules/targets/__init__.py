"""Targets of control lots: from own runs, renewed, transferred to the next lot, from peers, fixed."""
