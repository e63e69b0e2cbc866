"""The figures of a trial as lines for people."""

from collections.abc import Iterator, Mapping
from typing import Any

MOST_RULES = 4


def told(report: Mapping[str, Any]) -> Iterator[str]:
    """What was released and held of clean results, then of planted ones by kind, form and size."""
    clean = report["clean"]
    yield (
        f"{report['results']} results of {report['orders']} orders, seed {report['seed']}; "
        f"nothing planted: {clean['auto_release_percent']} % released, {clean['held']} held"
    )
    for one in clean["by_rule"]:
        yield f"  held by {one['rule']:<28} {one['held']:>7}  {one['percent']:>6} %"
    yield f"planted in {report['planted']} results: {report['auto_release_percent']} % of all released"
    for name, words in (("kinds", ("kind", "control")), ("sizes", ("kind", "form", "size", "control"))):
        yield f"{name}: results, caught, released though wrong, orders noticed, by"
        for row in report[name]:
            yield _line(row, " ".join(filter(None, (row[word] for word in words))))


def _line(row: Mapping[str, Any], words: str) -> str:
    shares = (row["caught_percent"], row["released_wrong_percent"], row["orders_noticed_percent"])
    figures = "".join(f"{'-' if one is None else one:>8} %" for one in shares)
    return f"  {words:<56} {row['results']:>7} {figures}  {', '.join(list(row['by_rule'])[:MOST_RULES])}"
