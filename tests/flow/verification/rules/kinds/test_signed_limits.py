"""Values with a sign just on a limit, and the last edges of indices, dilutions and policies."""

from typing import Any

import pytest

from aliquot.flow.verification.rules.critical_policy import CriticalPolicy, Repeat, Rung, handling_of
from aliquot.flow.verification.rules.kinds.indices import index_comments, index_reasons
from aliquot.flow.verification.rules.kinds.limits import flag_and_reasons
from aliquot.flow.verification.rules.kinds.measuring_range import dilution_factor
from aliquot.flow.verification.rules.population import Patient
from aliquot.flow.verification.rules.reasons import Reason
from aliquot.flow.verification.rules.shapes import Indices, Limits, Span
from tests.flow.verification.rules.evidences import D, case

OPEN = {"critical_low": None, "critical_high": None}


def judged(comparator: str, value: str, *bodies: Limits, **changes: Any) -> tuple[str, list[Reason]]:
    return flag_and_reasons(
        *case(*bodies, comparator=comparator, value=D(value), value_text=value, **OPEN | changes)
    )


@pytest.mark.parametrize(
    ("comparator", "value", "changes", "flag"),
    [
        ("<", "3.5", {}, "L"),
        ("<", "3.6", {}, ""),
        ("<", "5.1", {"low": D(0)}, "N"),
        ("<", "5.2", {"low": D(0)}, ""),
        ("<", "5.1", {"low": D(0), "critical_low": D("0.1")}, ""),
        (">", "5.1", {}, "H"),
        (">", "5.0", {}, ""),
    ],
)
def test_where_a_value_with_a_sign_surely_lies(
    comparator: str, value: str, changes: dict[str, Any], flag: str
) -> None:
    assert judged(comparator, value, **changes)[0] == flag


def test_below_the_upper_limit_of_release_it_is_released_and_else_told_with_its_sign() -> None:
    own = Limits("own", autoverification=Span(None, D(5)))
    assert judged("<", "5", own, low=D(0)) == ("N", [])
    off_scale = Reason("off_scale", (("value", "<5.1"),))
    assert judged("<", "5.1", own, low=D(0)) == ("N", [off_scale])


def test_beyond_the_last_of_several_measurements_that_one_is_named() -> None:
    bias = ((D(1), D("0.4")), (D(2), D("0.6")), (D(5), D("0.8")))
    body = Indices("haem", "H", bias, D("0.1"), D(2))
    (found,) = index_reasons(*case(body, indices={"H": D(6)}))
    assert dict(found.facts)["limit"] == "5"
    (said,) = index_comments(*case(body, indices={"H": D(1)}))
    assert "falsely high by about 0.4 %" in said.text_en


@pytest.mark.parametrize(("dilution", "factor"), [("1", 1), ("1:1", 1), ("2", 2), ("x1", 1)])
def test_once_is_undiluted(dilution: str, factor: int) -> None:
    assert dilution_factor(dilution) == factor


PATIENT = Patient("F", 12_000, "", "HUB", "", is_pregnant=None, urgency="R")


def policy(code: str, **says: Any) -> CriticalPolicy:
    return CriticalPolicy(code, ("*",), "s", **says)


def used(*policies: CriticalPolicy) -> Any:
    return handling_of(policies, "K", PATIENT, site="P3", kind="clinic", is_inpatient=False)


def test_of_equally_specific_ladders_the_first_call_counts_and_the_app_does_not() -> None:
    late = policy("A", ladder=(Rung("app", 0), Rung("requester", 10)))
    soon = policy("B", ladder=(Rung("requester", 5),))
    none = policy("C", ladder=(Rung("app", 0),))
    assert used(late, soon, none).ladder == soon.ladder
    assert used(late, none).ladder == used(none, late).ladder == late.ladder


def test_of_equally_specific_repeats_the_shorter_time_holds() -> None:
    long, short = policy("A", repeat=Repeat(24, D(20))), policy("B", repeat=Repeat(6, D(20)))
    assert used(long, short).repeat == used(short, long).repeat == short.repeat
