"""Clauses and how they stand by what is recorded."""

import pytest

from aliquot.oversight.accreditation.rules.clauses import Clause, Standing, read_clauses, standing_of

TEXT = '[[clause]]\nnumber = "8.5"\nname_en = "Risk"\nname_ru = "Риск"\nevidence = ["risks"]\n'


def test_a_clause_is_read_with_its_kinds_of_record() -> None:
    assert read_clauses(TEXT, {"risks"}) == [Clause("8.5", "Risk", "Риск", ("risks",))]
    assert read_clauses(TEXT.replace('evidence = ["risks"]\n', ""), ())[0].evidence == ()


def test_a_kind_that_nobody_counts_is_named() -> None:
    with pytest.raises(ValueError, match=r"8\.5: nobody counts risks"):
        read_clauses(TEXT, {"audits"})


@pytest.mark.parametrize(
    ("counts", "missing", "standing"),
    [
        ({"risks": 1, "audits": 2}, "", Standing.HELD),
        ({"risks": 1, "audits": 2}, "minutes", Standing.PARTLY),
        ({"risks": 1, "audits": 0}, "", Standing.PARTLY),
        ({"risks": 0, "audits": 0}, "", Standing.NONE),
    ],
)
def test_a_clause_stands_by_its_records(counts: dict[str, int], missing: str, standing: Standing) -> None:
    clause = Clause("8.9", "Review", "Анализ", ("risks", "audits"), missing, missing)
    assert standing_of(clause, counts) is standing


def test_a_clause_without_kinds_of_record_has_none() -> None:
    assert standing_of(Clause("6.3", "Facilities", "Помещения"), {}) is Standing.NONE
