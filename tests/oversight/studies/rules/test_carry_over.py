"""What a high specimen leaves behind."""

import pytest

from tests.oversight.studies.rules.asked import ask, figures, refusal

RUN = [100, 101, 102, 3, 2.1, 2]
SEQUENCE = list("HHHLLL")


def test_a_run_by_broughton() -> None:
    """(3 - 2) / (102 - 2) is 1 %."""
    found = figures("carry-over", sequence=SEQUENCE, value=RUN, allowable_percent=2)
    assert found["carry_over_percent"] == pytest.approx(1)
    assert found["decision"] == "accepted"
    assert ask("carry-over", sequence=SEQUENCE, value=RUN, allowable_percent=0.5).decision == "rejected"
    rows = dict(zip(("h1", "h2", "h3", "l1", "l2", "l3"), ([one, one] for one in RUN), strict=True))
    assert figures("carry-over", **rows)["runs"] == 2


def test_low_after_high_against_low_after_low() -> None:
    found = figures("carry-over", sequence=SEQUENCE, value=RUN)
    assert found["difference"] == pytest.approx(0.95)
    assert found["limit"] == pytest.approx(3 * 0.0707107, rel=1e-5)
    assert found["decision"] == "rejected"
    assert ask("carry-over", sequence=SEQUENCE, value=RUN, allowable_difference=1).decision == "accepted"
    short = figures("carry-over", sequence=list("HLHLHL"), value=[9, 1, 9, 1.1, 9, 1], allowable_percent=1)
    assert (short["difference"], short["carry_over_percent"], short["decision"]) == (
        None,
        None,
        "undetermined",
    )
    once = figures("carry-over", sequence=list("HHLHLL"), value=[9, 9, 1, 9, 1.1, 1])
    assert (once["limit"], once["decision"]) == (None, "undetermined")


def test_a_run_without_contrast_counts_for_nothing() -> None:
    found = figures("carry-over", sequence=SEQUENCE * 2, value=[100, 101, 2, 3, 2.1, 2, *RUN])
    assert found["runs"] == 1


def test_unusable_data_are_refused() -> None:
    assert "exchange the labels" in refusal("carry-over", sequence=SEQUENCE, value=RUN[::-1])
    assert "no low specimen follows" in refusal("carry-over", sequence=list("LLLHHH"), value=RUN[::-1])
    assert "choose one of H, L" in refusal("carry-over", sequence=list("HHHLLX"), value=RUN)
    assert "value has 6 values and sequence has 5" in refusal(
        "carry-over", sequence=list("HHHLL"), value=RUN
    ) or ("sequence has 5" in refusal("carry-over", sequence=list("HHHLL"), value=RUN))
