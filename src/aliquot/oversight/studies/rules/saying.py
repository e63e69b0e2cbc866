"""Sentences of a study as they are kept, and said again in any language; without what computes them.

Source: ISO 15189:2022, 8.4.2 (records stay legible and can be found again, whoever reads them).
"""

from collections.abc import Callable, Mapping
from typing import Any

from aliquot.oversight.studies.rules.findings import Reason


def as_tree(one: Reason) -> dict[str, Any]:
    """A sentence as plain values: its text and what stands in its gaps."""
    gaps = {name: as_tree(value) if isinstance(value, Reason) else value for name, value in one.values}
    return {"text": one.text, "values": gaps}


def said(
    tree: Mapping[str, Any], translated: Callable[[str], str], figure: Callable[[str], str] = str
) -> str:
    """A kept sentence as `translated` puts it; `figure` writes a number that stands in a gap."""
    gaps = {
        name: figure(one) if isinstance(one, str) else said(one, translated, figure)
        for name, one in tree["values"].items()
    }
    return translated(tree["text"]) % gaps
