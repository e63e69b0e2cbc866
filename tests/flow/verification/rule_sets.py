"""Rule sets for tests to change."""

LIMITS_ALONE = """
[rule_set]
code = "network"
title_en = "t"
title_ru = "t"
source = "s"
[[rule]]
code = "limits"
kind = "limits"
tests = "*"
from = "catalogue"
source = "s"
"""
"""A network's set with the limits of the catalogue and nothing else."""
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
