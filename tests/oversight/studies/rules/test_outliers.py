"""Rosner's example as the handbook of NIST gives it."""

from aliquot.oversight.studies.rules.outliers import _limit, esd_outliers

ROSNER = [
    float(one)
    for one in [
        "-0.25",
        "0.68",
        "0.94",
        "1.15",
        "1.20",
        "1.26",
        "1.26",
        "1.34",
        "1.38",
        "1.43",
        "1.49",
        "1.49",
        "1.55",
        "1.56",
        "1.58",
        "1.65",
        "1.69",
        "1.70",
        "1.76",
        "1.77",
        "1.81",
        "1.91",
        "1.94",
        "1.96",
        "1.99",
        "2.06",
        "2.09",
        "2.10",
        "2.14",
        "2.15",
        "2.23",
        "2.24",
        "2.26",
        "2.35",
        "2.37",
        "2.40",
        "2.47",
        "2.54",
        "2.62",
        "2.64",
        "2.90",
        "2.92",
        "2.92",
        "2.93",
        "3.21",
        "3.26",
        "3.30",
        "3.59",
        "3.68",
        "4.30",
        "4.64",
        "5.34",
        "5.42",
        "6.01",
    ]
]
"""Source: NIST/SEMATECH e-Handbook, 1.3.5.17.3 (public domain): three outliers among up to ten at 5 %."""


def test_three_outliers_one_hidden_behind_another() -> None:
    assert [ROSNER[one] for one in esd_outliers(ROSNER, 10, 0.05)] == [6.01, 5.42, 5.34]


def test_nothing_to_find() -> None:
    assert esd_outliers([1.0, 1, 1, 1, 1], 2, 0.05) == ()
    assert esd_outliers([1.0, 2, 3], 2, 0.05) == ()
    assert esd_outliers([1.0, 2, 3, 4, 5, 6, 7], 2, 0.05) == ()


def test_the_critical_values_of_the_handbook() -> None:
    assert [round(_limit(54, step, 0.05), 3) for step in (1, 2, 3)] == [3.159, 3.151, 3.144]
