"""The 180 factors of Martin and Hopkins: triglycerides by VLDL cholesterol, by triglycerides and non-HDL.

Source: Martin et al., JAMA 2013;310:2061, figure 2. The step from 93 to 97 mg/dL in the last column falls in
the original too.
"""

from bisect import bisect_right
from decimal import Decimal

NON_HDL_FROM = (0, 100, 130, 160, 190, 220)
"""Lower edges of the columns, mg/dL."""

_ROWS: tuple[tuple[int, str], ...] = (
    (7, "3.5 3.4 3.3 3.3 3.2 3.1"),
    (50, "4.0 3.9 3.7 3.6 3.6 3.4"),
    (57, "4.3 4.1 4.0 3.9 3.8 3.6"),
    (62, "4.5 4.3 4.1 4.0 3.9 3.9"),
    (67, "4.7 4.4 4.3 4.2 4.1 3.9"),
    (72, "4.8 4.6 4.4 4.2 4.2 4.1"),
    (76, "4.9 4.6 4.5 4.3 4.3 4.2"),
    (80, "5.0 4.8 4.6 4.4 4.3 4.2"),
    (84, "5.1 4.8 4.6 4.5 4.4 4.3"),
    (88, "5.2 4.9 4.7 4.6 4.4 4.3"),
    (93, "5.3 5.0 4.8 4.7 4.5 4.4"),
    (97, "5.4 5.1 4.8 4.7 4.5 4.3"),
    (101, "5.5 5.2 5.0 4.7 4.6 4.5"),
    (106, "5.6 5.3 5.0 4.8 4.6 4.5"),
    (111, "5.7 5.4 5.1 4.9 4.7 4.5"),
    (116, "5.8 5.5 5.2 5.0 4.8 4.6"),
    (121, "6.0 5.5 5.3 5.0 4.8 4.6"),
    (127, "6.1 5.7 5.3 5.1 4.9 4.7"),
    (133, "6.2 5.8 5.4 5.2 5.0 4.7"),
    (139, "6.3 5.9 5.6 5.3 5.0 4.8"),
    (147, "6.5 6.0 5.7 5.4 5.1 4.8"),
    (155, "6.7 6.2 5.8 5.4 5.2 4.9"),
    (164, "6.8 6.3 5.9 5.5 5.3 5.0"),
    (174, "7.0 6.5 6.0 5.7 5.4 5.1"),
    (186, "7.3 6.7 6.2 5.8 5.5 5.2"),
    (202, "7.6 6.9 6.4 6.0 5.6 5.3"),
    (221, "8.0 7.2 6.6 6.2 5.9 5.4"),
    (248, "8.5 7.6 7.0 6.5 6.1 5.6"),
    (293, "9.5 8.3 7.5 7.0 6.5 5.9"),
    (400, "11.9 10.0 8.8 8.1 7.5 6.7"),
)
"""Each row: the lower edge of triglycerides in mg/dL, then a factor for each column."""

TRIGLYCERIDES_FROM = tuple(edge for edge, _ in _ROWS)
FACTORS = tuple(tuple(Decimal(one) for one in line.split()) for _, line in _ROWS)


def factor(tg: Decimal, non_hdl: Decimal) -> Decimal:
    """The factor of the stratum; both in mg/dL, `tg` from 7, `non_hdl` from 0.

    A stratum is bounded by whole numbers: 49.6 lies between 7-49 and 50-56 and belongs to the lower one.
    """
    row = bisect_right(TRIGLYCERIDES_FROM, tg) - 1
    column = bisect_right(NON_HDL_FROM, non_hdl) - 1
    assert row >= 0
    assert column >= 0
    return FACTORS[row][column]
