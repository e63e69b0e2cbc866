"""The dictionary says each table and column in the reader's language."""

from aliquot.oversight.handover.rules.dictionary import Column, TableFacts, write_dictionary

TABLE = TableFacts(
    "specimen",
    "A tube.",
    "changed",
    (
        Column("id", "bigint", may_be_empty=False, meaning="", refers_to="", codes=()),
        Column("order_id", "bigint", may_be_empty=True, meaning="a|b\nc", refers_to="lab_order", codes=()),
        Column(
            "state", "text", may_be_empty=False, meaning="", refers_to="", codes=(("planned", "planned"),)
        ),
    ),
)


def test_in_english() -> None:
    said = write_dictionary([TABLE], "en").splitlines()
    assert said[0] == "# Data dictionary"
    assert said[4:9] == ["## specimen", "", "A tube.", "", "In an increment: changed"]
    assert said[-3:] == [
        "| id | bigint |  |  |",
        "| order_id | bigint | yes | a/b c. key of lab_order |",
        "| state | text |  | planned = planned |",
    ]


def test_in_russian() -> None:
    said = write_dictionary([TABLE], "ru")
    assert "# Словарь данных" in said
    assert "| order_id | bigint | да | a/b c. ключ таблицы lab_order |" in said
