"""A simulated device that measures one test wrong: suddenly or more and more, patients and perhaps controls."""

from decimal import Decimal

import pytest

from aliquot.entrypoints.simulate.faults import FaultError
from aliquot.entrypoints.simulate.faults.drift import Drift, Drifts, drift_of
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.reading import Measurement, Run
from tests.entrypoints.simulate.test_shift import ASTM, played

SUDDEN = Drift("HGB", Decimal(10), after=1)


def measured(drifts: Drifts, *values: str, code: str = "HGB", control: bool = False) -> list[str]:
    runs = [drifts.run(Run("1", (Measurement(code, one),), control)) for one in values]
    return [one.measurements[0].value for one in runs]


def test_a_sudden_drift_begins_after_so_many_patients() -> None:
    drifts = Drifts([SUDDEN])
    assert measured(drifts, "14.0", "14.0", "14") == ["14.0", "15.4", "15"]
    assert drifts.changed == {"HGB": 2}


def test_a_growing_drift_reaches_its_size_and_stays() -> None:
    drifts = Drifts([Drift("HGB", Decimal(-10), over=2)])
    assert measured(drifts, "10.00", "10.00", "10.00") == ["9.50", "9.00", "9.00"]


def test_controls_stay_right_and_are_not_counted_unless_it_is_said() -> None:
    drifts = Drifts([SUDDEN])
    assert measured(drifts, "8.0", "8.0", "8.0", control=True) == ["8.0", "8.0", "8.0"]
    assert measured(drifts, "14.0", "14.0") == ["14.0", "15.4"]
    both = Drifts([Drift("HGB", Decimal(10), has_controls=True)])
    assert measured(both, "8.0", control=True) == ["8.8"]


def test_other_tests_and_words_stay_as_they_are() -> None:
    drifts = Drifts([Drift("HGB", Decimal(10))])
    assert measured(drifts, "4.50", code="RBC") == ["4.50"]
    assert measured(drifts, "Negative", "NaN", "----") == ["Negative", "NaN", "----"]
    assert not +drifts.changed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HGB:+6", Drift("HGB", Decimal(6))),
        ("HGB:-6.5%:100", Drift("HGB", Decimal("-6.5"), 100)),
        ("HGB:6::50", Drift("HGB", Decimal(6), 0, 50)),
        ("HGB:6:100:50:controls", Drift("HGB", Decimal(6), 100, 50, has_controls=True)),
    ],
)
def test_a_drift_is_said_in_one_word(text: str, expected: Drift) -> None:
    assert drift_of(text) == expected


@pytest.mark.parametrize(
    "text", ["HGB", ":6", "HGB:much", "HGB:nan", "HGB:-100", "HGB:6:-1", "HGB:6:x", "HGB:6:1:1:patients"]
)
def test_what_is_no_drift_is_refused_with_its_form(text: str) -> None:
    with pytest.raises(FaultError, match="CODE:PERCENT"):
        drift_of(text)


def test_a_shift_sends_what_it_measures_wrong() -> None:
    right, wrong = (
        played(ASTM, count=8, results=30, drifts=drifts)
        for drifts in ([], [Drift("HGB", Decimal(50), after=2)])
    )
    [good, bad] = [
        [
            one.value
            for content in host.contents
            for one in load(ASTM).read(content).readings
            if one.code == "HGB"
        ]
        for _, host in (right, wrong)
    ]
    assert wrong[0]["drifted"]["HGB"] == len(bad) - 2 > 0
    assert good[:2] == bad[:2]
    assert [float(one) for one in bad[2:]] == pytest.approx([1.5 * float(one) for one in good[2:]], rel=0.01)
