"""A rule set of as many rules as are wanted, all of tests that are measured: several of each."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from aliquot.entrypoints.bench.workload import C311, Plan
from aliquot.flow.verification.queries import shipped_rules
from aliquot.registers.catalogue.models import Test

CASES = re.compile(r"^\[\[case\]\]\n(?:(?!\[\[).*\n?)*", re.MULTILINE)
HEAD = """
[[rule]]
code = "{code}-{name}"
kind = "{kind}"
tests = ["{code}"]
source = "made for a measurement"
"""
TEMPLATES: tuple[tuple[str, str, str], ...] = (
    (
        "limits",
        "limits",
        'autoverification = [{p4}, {x2}]\ncritical = [{p2}, {x25}]\nabsurd = ["", {x20}]\n',
    ),
    ("delta", "delta", 'mode = "percent"\nlimit = 80\nwindow = "30d"\n'),
    ("range", "range", 'high = {x12}\nabove = "hold"\n'),
    ("consistency", "consistency", 'when = "`{code}` > {x15} and `{next}` < {next_p2}"\n{words}'),
    ("delta-f", "delta", 'mode = "rcv"\ncva = 5\ncvi = 20\nwindow = "92d"\n[rule.population]\nsex = "F"\n'),
    (
        "limits-f",
        "limits",
        'autoverification = [{p4}, {x2}]\n[rule.population]\nsex = "F"\nage_to = "55a"\n',
    ),
    (
        "rerun",
        "rerun",
        'when = "`{code}` > {x25} and change(`{code}`) > 200"\nmost = 1\nagree_percent = 10\n',
    ),
    ("comment", "comment", 'when = "change(`{code}`) > 40 and age > 60"\n{words}'),
    ("limits-icu", "limits", 'autoverification = [{p2}, {x25}]\n[rule.population]\nwards = ["ICU"]\n'),
    (
        "delta-n18",
        "delta",
        'mode = "rate_percent"\nlimit = 90\nwindow = "14d"\n[rule.population]\ndiagnoses = ["N18"]\n',
    ),
    (
        "limits-s",
        "limits",
        'autoverification = [{p4}, {x2}]\n[rule.population]\nurgency = "S"\nsex = "M"\n',
    ),
    ("exclusion", "exclusion", '{words}[rule.population]\ndiagnoses = ["Z99"]\n'),
    ("late", "comment", 'when = "prev(`{code}`) > {x2} and days(`{code}`) < 30"\n{words}'),
    ("limits-old", "limits", 'autoverification = [{p4}, {x2}]\n[rule.population]\nage_from = "75a"\n'),
    ("twins", "consistency", 'when = "`{code}` > {x2} and low(`{next}`) > `{next}`"\n{words}'),
)
"""Name, kind, parameters; limits lie well around what is measured: rules are tried and seldom hold."""
INDICES: tuple[tuple[str, str, str], ...] = tuple(
    (
        f"index-{index}",
        "indices",
        f'index = "{index}"\nbias = {bias}\nanalytical_percent = 4\nrcv_percent = 20\nmissing = "hold"\n',
    )
    for index, bias in (
        ("H", "[[0.5, 2], [2, 8], [5, 25]]"),
        ("I", "[[50, 1], [300, 8]]"),
        ("L", "[[1, 2], [5, 9]]"),
    )
)
"""Of tests whose analyzer measures indices: without one the result waits."""
WORDS = 'text_en = "Made for a measurement."\ntext_ru = "Для измерения."\n'


def rule_text(wanted: int) -> Callable[[Plan], str]:
    """What makes, of a plan, the shipped rules and as many more as bring them to `wanted`."""

    def text(plan: Plan) -> str:
        # its cases say what these rules decide alone, without those that are made
        shipped = CASES.sub("", shipped_rules())
        more = wanted - shipped.count("[[rule]]")
        return shipped + "".join(islice(_rules(plan), max(0, more)))

    return text


def _rules(plan: Plan) -> Iterator[str]:
    """The first kind for every test, then the next: so that a shorter set still covers all tests."""
    tests = list({one.what.test_id: one.what for one in plan.tests}.values())
    codes = dict(Test.objects.filter(pk__in=[one.test_id for one in tests]).values_list("pk", "code"))
    for template in (TEMPLATES[0], TEMPLATES[1], *INDICES, *TEMPLATES[2:]):
        for place, one in enumerate(tests):
            if template not in INDICES or one.model == C311:
                other = tests[(place + 1) % len(tests)]
                numbers = {**_numbers(one.low, one.high), "next_p2": _text(other.low * 0.2)}
                yield _rule(template, codes[one.test_id], codes[other.test_id], numbers)


def _rule(template: tuple[str, str, str], code: str, other: str, numbers: Mapping[str, str]) -> str:
    name, kind, body = template
    told = {"code": code, "next": other, "words": WORDS, **numbers}
    return HEAD.format(code=code, name=name, kind=kind) + body.format(**told)


def _numbers(low: float, high: float) -> dict[str, str]:
    shares = {"p2": low * 0.2, "p4": low * 0.4, "x2": high * 2, "x25": high * 2.5, "x12": high * 12}
    return {name: _text(one) for name, one in {**shares, "x15": high * 15, "x20": high * 20}.items()}


def _text(number: float) -> str:
    return f"{number:.4f}"
