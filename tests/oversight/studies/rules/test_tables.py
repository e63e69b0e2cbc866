"""Plan and columns of the files that people keep."""

import pytest

from aliquot.oversight.studies.rules.evaluating import evaluate
from aliquot.oversight.studies.rules.findings import Unusable
from aliquot.oversight.studies.rules.tables import read_table
from tests.foundation.test_sheets import make_workbook

CSV = "# allowable bias: 0,5\n\nx (mmol/L);y [mmol/L]\n1;1,1\n2;2\n3;\n4;4,2\n5;5\n"


def test_a_plan_and_columns_with_units() -> None:
    found = read_table("a.csv", CSV.encode())
    assert found.number("allowable_bias") == 0.5
    assert found.column("y", wanted="values") == (1.1, 2, None, 4.2, 5)
    study = evaluate("comparison", found)
    assert study.figures.n == 4
    assert study.criteria[0].limit == 0.5


def test_the_same_with_commas_and_in_a_workbook() -> None:
    commas = "x,y,note\n1,1.1,\n2,2,\n# tea = 0,5\n3,3\n"
    book = make_workbook([["# tea", 0.5], ["x", "y"], [1, 1.1], [2, 2], [3, 3]])
    for content in (commas.encode(), book):
        found = read_table("a", content)
        assert found.number("tea") == 0.5
        assert found.column("x", wanted="values") == (1, 2, 3)
        assert found.column("y", wanted="values") == (1.1, 2, 3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "a.csv holds no rows: name the columns in the first line and give one measurement per line."),
        ("# tea: 5\n", "a.csv holds no rows"),
        ("x;y\n1;2\n3;oops\n", "y, B3: 'oops' is not a number; correct the cell or leave it empty."),
        ("x;;y\n1;7;2\n", "B2: a value stands in a column without a name; name the column in A1."),
        ("x;y\n1;2;3\n", "C2: a value stands in a column without a name"),
        ("x;X \n1;2\n", "A1: the column x stands twice; rename one of them."),
        ("# tea\nx;y\n1;2\n", "A1: # tea is no statement of the plan; write # name: value."),
        ("#: 5\nx;y\n1;2\n", "A1: #: 5 is no statement of the plan"),
        ("x\0", "a.csv cannot be read as a table"),
    ],
)
def test_faults_name_the_cell_and_the_remedy(content: str, said: str) -> None:
    with pytest.raises(Unusable) as fault:
        evaluate("comparison", read_table("a.csv", content.encode()))
    assert str(fault.value).startswith(said)


@pytest.mark.parametrize(
    ("content", "name", "value"),
    [
        (b"# decision_levels: 5; 7; 11\nx;y\n1;2\n", "decision_levels", "5;7;11"),
        (b"# decision_levels: 5; 7; 11\nx,y\n1,2\n", "decision_levels", "5; 7; 11"),
        (b"# tea: 0,5\nx,y\n1,2\n", "tea", "0,5"),
        (b"# tea: 0,5\nx;y\n1;2\n", "tea", "0,5"),
        (b"# tea: 0,5\nx\ty\n1\t2\n", "tea", "0,5"),
    ],
)
def test_what_parts_the_columns_may_stand_in_the_plan(content: bytes, name: str, value: str) -> None:
    assert read_table("t.csv", content).values[name] == value
