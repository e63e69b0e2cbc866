"""What is published, and the statements that make it."""

import re
from dataclasses import replace

import pytest

from aliquot.oversight.federation.rules.facts import FACTS, RESULT_FACT, Column, Fact, agreed, newest
from aliquot.oversight.federation.rules.statements import (
    attach_tables,
    make_parents,
    make_tables,
    open_parents,
    publication_of,
    publish,
    remove_month,
    schema_of,
    upsert,
    versions,
)

GROWN = Fact(
    "result_fact",
    ("node", "id"),
    "grown",
    (*RESULT_FACT.columns[:3], Column("delay_seconds", "integer", "new", since=2)),
)
NAMES = re.compile(r"^[a-z][a-z_]*$")


def test_every_fact_begins_with_its_node_and_says_what_it_means() -> None:
    for fact in FACTS:
        assert fact.key[0] == fact.columns[0].name == "node"
        assert set(fact.key) <= {one.name for one in fact.at(1)}
        for one in fact.columns:
            assert NAMES.match(one.name), one.name
            assert one.meaning


def test_nothing_of_a_person_has_a_column() -> None:
    of_a_person = re.compile(
        "patient|birth|snils|policy|phone|family|given|sex|age|note|comment|number|value_text"
    )
    named = [
        f"{fact.name}.{one.name}" for fact in FACTS for one in fact.columns if of_a_person.search(one.name)
    ]
    assert named == []
    assert "value" not in {one.name for one in RESULT_FACT.columns}


def test_the_older_version_flows() -> None:
    assert (agreed(3, 2), agreed(2, 3), agreed(2, 2)) == (2, 2, 2)
    assert newest((GROWN,)) == 2
    assert list(versions((GROWN,))) == [1, 2]


def test_a_version_publishes_its_own_columns() -> None:
    assert "delay_seconds" not in publish("tula", 1, (GROWN,))
    assert "delay_seconds" in publish("tula", 2, (GROWN,))
    assert publish("tula", 2, (GROWN,)).startswith(
        f"CREATE PUBLICATION {publication_of(2)} FOR TABLE facts_tula."
    )


def test_a_table_that_came_later_is_not_in_earlier_versions() -> None:
    late = replace(GROWN, name="late_fact", columns=tuple(replace(one, since=2) for one in GROWN.columns))
    assert "late_fact" not in publish("tula", 1, (GROWN, late))
    assert "late_fact" in publish("tula", 2, (GROWN, late))


def test_tables_are_made_and_grow() -> None:
    made = make_tables("tula", (GROWN,))
    assert made[0] == "CREATE SCHEMA IF NOT EXISTS facts_tula"
    assert "CHECK (node = 'tula')" in made[1]
    assert made[2] == "ALTER TABLE facts_tula.result_fact ADD COLUMN IF NOT EXISTS delay_seconds integer"
    assert "PARTITION BY LIST (node)" in make_parents((GROWN,))[1]
    assert "ALTER TABLE facts.result_fact OWNER TO owner" in open_parents("owner", (GROWN,))
    assert attach_tables("tula", (GROWN,))[-1].endswith("FOR VALUES IN ('tula')")


def test_a_row_that_is_the_same_is_left_alone() -> None:
    said = upsert("tula", GROWN)
    assert "ON CONFLICT (node, id) DO UPDATE SET (laboratory, delay_seconds)" in said
    assert "IS DISTINCT FROM (excluded.laboratory, excluded.delay_seconds)" in said
    assert "facts_tula" in remove_month("tula")


@pytest.mark.parametrize("code", ["Tula", "tula; DROP TABLE x", ""])
def test_what_is_no_code_names_no_schema(code: str) -> None:
    with pytest.raises(ValueError, match="no code"):
        schema_of(code)
