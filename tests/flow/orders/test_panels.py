import csv
from importlib import resources

from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.orders.rules.panels import ExpandedTest, Expansion, expand, needed_for, with_inputs

TESTS = frozenset(["NA", "K", "CL", "GLU", "UREA", "CREA", "HGB", "WBC", "NEUA"])
PANELS = {
    "ELEC": ["NA", "K", "CL"],
    "BMP": ["ELEC", "GLU", "UREA", "CREA"],
    "CBC": ["HGB", "WBC"],
    "CBCP": ["CBC", "NEUA"],
}
CODES = st.sampled_from(sorted([*TESTS, *PANELS, "NONSENSE"]))


def codes_of(expansion: Expansion) -> list[str]:
    return [test.code for test in expansion.tests]


def test_a_nested_panel_in_its_own_order() -> None:
    assert codes_of(expand(["BMP"], PANELS, TESTS)) == ["NA", "K", "CL", "GLU", "UREA", "CREA"]


def test_each_test_once_with_every_panel_that_brought_it() -> None:
    expansion = expand(["K", "ELEC", "BMP"], PANELS, TESTS)
    assert expansion.tests[0] == ExpandedTest("K", ("ELEC", "BMP"))
    assert expansion.tests[1] == ExpandedTest("NA", ("ELEC", "BMP"))
    assert expansion.tests[3] == ExpandedTest("GLU", ("BMP",))
    assert len(expansion.tests) == 6


def test_a_test_by_itself_came_from_no_panel() -> None:
    assert expand(["K"], PANELS, TESTS) == Expansion((ExpandedTest("K"),))


def test_unknown_codes_are_named_and_the_rest_is_expanded() -> None:
    expansion = expand(["XYZ", "CBC", "XYZ"], PANELS, TESTS)
    assert (codes_of(expansion), expansion.unknown, expansion.is_clean) == (["HGB", "WBC"], ("XYZ",), False)


def test_a_panel_that_contains_itself_is_named_and_cut() -> None:
    expansion = expand(["A"], {"A": ["B", "K"], "B": ["NA", "A"]}, TESTS)
    assert (codes_of(expansion), expansion.circular) == (["NA", "K"], ("A",))


@given(st.lists(CODES))
def test_nothing_is_lost_or_doubled(requested: list[str]) -> None:
    expansion = expand(requested, PANELS, TESTS)
    codes = codes_of(expansion)
    assert len(codes) == len(set(codes))
    assert set(codes) == {code for asked in requested for code in codes_of(expand([asked], PANELS, TESTS))}
    assert expansion.unknown == (("NONSENSE",) if "NONSENSE" in requested else ())


@given(st.lists(CODES))
def test_expanding_the_tests_again_changes_nothing(requested: list[str]) -> None:
    codes = codes_of(expand(requested, PANELS, TESTS))
    assert codes_of(expand(codes, PANELS, TESTS)) == codes


def test_the_catalogue_expands_whole() -> None:
    data = resources.files("aliquot.registers.catalogue") / "data"
    panels = {
        row["code"]: row["members"].split()
        for row in csv.DictReader((data / "panels.csv").read_text(encoding="utf-8").splitlines())
    }
    tests = {
        row["code"] for row in csv.DictReader((data / "tests.csv").read_text(encoding="utf-8").splitlines())
    }
    assert expand(panels, panels, tests).is_clean
    assert len(expand(["CBCP"], panels, tests).tests) == 23


def test_what_a_computed_test_is_worked_out_from_follows_it_once() -> None:
    inputs = {"LDLC": ("CHOL", "HDL"), "NHDL": ("CHOL", "HDL"), "RATIO": ("LDLC",)}
    asked = expand(["RATIO", "HDL"], {}, {"RATIO", "HDL"})
    found = with_inputs(asked, inputs)
    assert [(one.code, one.needed_for, one.added_by) for one in found.tests] == [
        ("RATIO", "", ""),
        ("HDL", "", ""),
        ("LDLC", "RATIO", "needed:RATIO"),
        ("CHOL", "LDLC", "needed:LDLC"),
    ]
    assert codes_of(with_inputs(asked, inputs, ["CHOL", "LDLC"])) == ["RATIO", "HDL"]
    assert with_inputs(asked, {}) == asked


def test_for_what_a_test_was_added_is_read_from_what_is_kept() -> None:
    assert needed_for("needed:LDLC") == "LDLC"
    assert needed_for("rule:reflex") == needed_for("") == ""
