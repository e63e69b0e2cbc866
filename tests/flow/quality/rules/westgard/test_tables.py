"""Tables of control results as people keep them: read, and what of them cannot be used is named."""

from decimal import Decimal

import pytest

from aliquot.flow.quality.rules.westgard.tables import COLUMNS, Series, series_of
from aliquot.foundation.sheets import read_table
from aliquot.registers.catalogue.rules.calculators.quantities import InputError


def read(*lines: str) -> Series:
    return series_of(read_table("\n".join(lines).encode(), COLUMNS))


def zs(series: Series) -> list[list[tuple[int, Decimal]]]:
    return [[(one.level, one.z) for one in run] for run in series.runs]


def faults(series: Series) -> list[tuple[int, str]]:
    return [(one.row, one.field) for one in series.faults]


def test_values_with_a_target_in_each_row() -> None:
    found = read(
        "run,level,value,mean,sd", "1,1,5.2,5,0.1", "1,2,9.5,10,0.2", "2,1,4.9,5,0.1", "2,2,10,10,0.2"
    )
    assert zs(found) == [[(1, Decimal(2)), (2, Decimal("-2.5"))], [(1, Decimal(-1)), (2, Decimal(0))]]
    assert (found.names, found.levels, found.faults, found.missing) == (("1", "2"), ("1", "2"), (), ())


def test_a_target_may_stand_once_for_each_level() -> None:
    found = read("run;level;value;mean;sd", "1;1;5,2;5,0;0,1", "2;1;4,9;;")
    assert zs(found) == [[(1, Decimal(2))], [(1, Decimal(-1))]]


def test_a_target_may_stand_below_its_values() -> None:
    assert zs(read("run,level,value,mean,sd", "1,1,5.2,,", "2,1,4.9,5,0.1"))[0] == [(1, Decimal(2))]


def test_z_as_it_is() -> None:
    found = read("Серия;Уровень;z-балл", "1;1;2,1", "1;2;−0,4", "2;1;2.3")
    assert zs(found) == [[(1, Decimal("2.1")), (2, Decimal("-0.4"))], [(1, Decimal("2.3"))]]
    assert [one.message for one in found.missing] == [
        "Run 2: level 2 was not measured; the rules go on with what is there."
    ]


def test_z_where_a_value_lacks() -> None:
    found = read("run,value,mean,sd,z", "1,,5,0.1,2.1", "2,5.2,5,0.1,")
    assert zs(found) == [[(1, Decimal("2.1"))], [(1, Decimal(2))]]


def test_z_needs_no_target() -> None:
    assert zs(read("run,z,mean", "1,2.1,5"))[0] == [(1, Decimal("2.1"))]


def test_each_lot_has_a_target_of_its_own() -> None:
    found = read("run,level,lot,value,mean,sd", "1,1,A,5.2,5,0.1", "2,1,B,6.2,6,0.1")
    assert zs(found) == [[(1, Decimal(2))], [(1, Decimal(2))]]
    assert found.faults == ()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["10", "9", "2"], ("2", "9", "10")),
        (["2026-03-02", "2026-03-01 08:00"], ("2026-03-01 08:00", "2026-03-02")),
        (["b", "a"], ("b", "a")),
    ],
)
def test_runs_stand_in_their_order(names: list[str], expected: tuple[str, ...]) -> None:
    assert read("run,z", *(f"{one},0.1" for one in names)).names == expected


def test_levels_may_have_names() -> None:
    found = read("run,level,z", "1,normal,0.1", "1,high,0.2", "2,high,2.2", "2,normal,2.1")
    assert found.levels == ("normal", "high")
    assert zs(found)[1] == [(1, Decimal("2.1")), (2, Decimal("2.2"))]


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        ("2,,5.1,5,0.1", "level", "level lacks in B3: fill it in, or leave the row out."),
        (",1,5.1,5,0.1", "run", "run lacks in A3: fill it in"),
        ("2,1,,5,0.1", "value", "value lacks in C3: fill it in"),
        ("2,1,five,5,0.1", "value", "C3: 'five' is no number in the column value; correct it"),
        ("2,1,<5,5,0.1", "value", "C3: '<5' is no number"),
        ("2,1,NaN,5,0.1", "value", "C3: 'NaN' is no number"),
        ("2,1,1e999999,5,0.1", "value", "C3: '1e999999' is no number"),
        ("2,1,5.1,x,0.1", "mean", "D3: 'x' is no number"),
        ("2,1,5.1,5,0", "sd", "E3: an SD is above zero, not '0'"),
        ("2,1,5.1,5,", "sd", "sd lacks in E3: give both mean and sd in the row, or neither."),
        ("2,1,5.1,,0.1", "mean", "mean lacks in D3: give both mean and sd"),
        ("2,1,5.1,6,0.1", "mean", "D3: level 1 of lot - has two targets, mean '6' here and 5 in D2"),
        ("2,1,5.1,5,0.2", "sd", "E3: level 1 of lot - has two targets, sd '0.2' here and 0.1 in E2"),
        ("2,2,5.1,,", "mean", "D3: level 2 has no mean; give mean and sd in one row of the level"),
    ],
)
def test_a_row_without_use_is_named_and_the_rest_is_read(row: str, field: str, words: str) -> None:
    found = read("run,level,value,mean,sd", "1,1,5.2,5,0.1", row, "3,1,4.9,5,0.1")
    assert faults(found) == [(3, field)]
    assert found.faults[0].message.startswith(words)
    assert [run for run in zs(found) if run] == [[(1, Decimal(2))], [(1, Decimal(-1))]]


def test_faults_stand_in_the_order_of_the_rows() -> None:
    found = read("run,level,value,mean,sd", "1,1,x,5,0.1", "2,1,5.1,6,0.1", "3,1,,5,0.1")
    assert faults(found) == [(2, "value"), (3, "mean"), (4, "value")]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["level,value,mean,sd", "1,5,5,1"], "no column run"),
        (["run,value,sd", "1,5,5"], "no column mean"),
        (["run,level", "1,5"], "no column z"),
        (["run,test,z", "1,GLU,1", "2,K,1"], "test names GLU, K"),
        (["run,analyzer,z", "1,A,1", "2,B,1"], "analyzer names A, B"),
    ],
)
def test_a_table_without_use_is_refused(lines: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(*lines)


def test_thousands_of_points() -> None:
    found = read("run,level,z", *(f"{run},{level},0.1" for run in range(5000) for level in (1, 2)))
    assert len(found.runs) == 5000
