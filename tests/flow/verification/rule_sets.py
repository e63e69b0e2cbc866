"""Rule sets for tests to change."""

HUB = """
[rule_set]
code = "TUL-HUB"
parent = "network"
title_en = "t"
title_ru = "t"
source = "s"
[[deviation]]
action = "remove"
rule = "{rule}"
reason = "own study"
"""
"""A hub's own set, which does without one rule of the network."""
