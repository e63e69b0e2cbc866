"""The Westgard family of control rules: definitions, sets, evaluation run by run, people's tables."""
