"""Bias between analyzers and laboratories, judged against what is allowed, without a database."""
