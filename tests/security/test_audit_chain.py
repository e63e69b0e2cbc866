"""The chain of the audit: whoever alters, adds or removes at the database's own prompt is found."""

import io
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from aliquot.entrypoints.commands.audit import Command as AuditCommand
from aliquot.foundation.audit.queries import broken_blocks, extent


@pytest.fixture
def owner(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator["Owner"]:
    """The owner of the tables, three organisations into a chain of blocks; everything is rolled back."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        transaction.set_autocommit(False, using="owner")
        try:
            yield Owner()
        finally:
            transaction.rollback(using="owner")
            transaction.set_autocommit(True, using="owner")
            connections["owner"].close()


class Owner:
    """Somebody at the database's own prompt: no actor, no application, every right."""

    def __init__(self) -> None:
        for code in "ABC":
            self.run(
                f"INSERT INTO organisation (code, name_en, name_ru, oid) VALUES ('{code}', '{code}', '{code}', '')"
            )
        self.blocks = [row[0] for row in self.ask("SELECT id FROM audit_block ORDER BY id DESC LIMIT 3")][
            ::-1
        ]

    def run(self, statement: str) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(statement)

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with connections["owner"].cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def faults(self) -> list[str]:
        return [one.fault for one in broken_blocks()]


class TestTheChain:
    def test_it_is_whole_before_anybody_touches_it(self, owner: Owner) -> None:
        assert owner.faults() == []
        said = io.StringIO()
        call_command(AuditCommand(), "verify", stdout=said)
        assert said.getvalue().strip().endswith("whole")

    def test_a_change_at_the_prompt_is_kept_with_the_name_of_the_role(self, owner: Owner) -> None:
        owner.run("UPDATE organisation SET name_en = 'changed' WHERE code = 'B'")
        (who,) = owner.ask("SELECT session_user")
        found = owner.ask(
            "SELECT b.actor, b.operation, b.table_name, r.before ->> 'name_en', r.after ->> 'name_en'"
            " FROM audit_block b JOIN audit_row r ON r.block_id = b.id ORDER BY b.id DESC LIMIT 1"
        )
        assert found == [(f"database:{who[0]}", "update", "organisation", "B", "changed")]

    def test_an_altered_row_is_found(self, owner: Owner) -> None:
        owner.run(
            f"""UPDATE audit_row SET after = after || '{{"name_en": "Z"}}' WHERE block_id = {owner.blocks[1]}"""
        )
        assert owner.faults() == ["a row was altered"]

    def test_a_removed_row_is_found(self, owner: Owner) -> None:
        owner.run(f"DELETE FROM audit_row WHERE block_id = {owner.blocks[1]}")
        assert owner.faults() == ["rows were added or removed"]

    def test_an_added_row_is_found(self, owner: Owner) -> None:
        owner.run(
            "INSERT INTO audit_row (block_id, table_name, row_id, before, after)"
            f" VALUES ({owner.blocks[1]}, 'organisation', 1, NULL, '{{}}'), (999999999, 'organisation', 1, NULL, '{{}}')"
        )
        assert sorted(owner.faults()) == ["a row stands in no block", "rows were added or removed"]

    @pytest.mark.parametrize(
        "change",
        ["actor = 'person:1:somebody'", "reason = 'because'", "at = at - interval '1 day'", "rows = 2"],
    )
    def test_an_altered_block_is_found(self, owner: Owner, change: str) -> None:
        owner.run(f"UPDATE audit_block SET {change} WHERE id = {owner.blocks[1]}")
        expected = "rows were added or removed" if change.startswith("rows") else "the block was altered"
        assert owner.faults() == [expected]

    def test_a_removed_block_is_found(self, owner: Owner) -> None:
        owner.run(f"DELETE FROM audit_block WHERE id = {owner.blocks[1]}")
        owner.run(f"DELETE FROM audit_row WHERE block_id = {owner.blocks[1]}")
        assert owner.faults() == ["a block before this one was removed"]

    def test_a_removed_end_is_found(self, owner: Owner) -> None:
        owner.run(f"DELETE FROM audit_block WHERE id = {owner.blocks[2]}")
        owner.run(f"DELETE FROM audit_row WHERE block_id = {owner.blocks[2]}")
        assert owner.faults() == ["the end of the chain was removed"]

    def test_an_end_removed_with_its_head_is_found_by_the_anchor_kept_elsewhere(self, owner: Owner) -> None:
        anchor = extent().anchor
        owner.run(f"DELETE FROM audit_row WHERE block_id = {owner.blocks[2]}")
        owner.run(f"DELETE FROM audit_block WHERE id = {owner.blocks[2]}")
        owner.run(
            "UPDATE audit_head h SET seq = b.seq, hash = b.hash"
            f" FROM audit_block b WHERE b.id = {owner.blocks[1]} AND h.slot = b.slot"
        )
        assert owner.faults() == []
        with pytest.raises(CommandError, match="the audit was altered"):
            call_command(AuditCommand(), "verify", anchor=anchor, stdout=io.StringIO())

    def test_the_command_says_what_is_broken_and_fails(self, owner: Owner) -> None:
        owner.run(f"UPDATE audit_block SET actor = 'x' WHERE id = {owner.blocks[0]}")
        said = io.StringIO()
        with pytest.raises(CommandError):
            call_command(AuditCommand(), "verify", stdout=said)
        assert "the block was altered" in said.getvalue()
        assert said.getvalue().strip().endswith("BROKEN")
