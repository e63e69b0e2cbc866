"""What a region publishes: every change once, whatever is killed or still under way meanwhile."""

import os
import signal
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone

from aliquot.foundation.context import acting
from aliquot.foundation.postgres.roles import database_of, url_for
from aliquot.oversight.federation.actions.publishing import publish_once
from tests.oversight.federation.exported import Exported
from tests.processes import wait_for

STATES = "SELECT id, state FROM facts_tula.result_fact ORDER BY id"
KEPT = "SELECT id, state FROM result ORDER BY id"
LOCKED = (
    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO facts_tula%'"
)


def superuser(tula: Exported) -> str:
    password = (tula.home / "export" / "secrets" / "postgres_superuser").read_text().strip()
    return url_for(tula.url, "postgres", password, database_of(tula.url))


def test_what_is_there_is_copied_and_what_comes_follows(tula: Exported) -> None:
    first = tula.measure()
    done = tula.publish()
    assert sum(one.copied for one in done) > 0
    second = tula.measure("GLUS", "5.0")
    assert sum(one.copied for one in tula.publish()) == 0
    assert tula.facts(STATES) == tula.live.look(KEPT)
    assert {first.pk, second.pk} == {number for number, _state in tula.facts(STATES)}
    (said,) = tula.facts(
        "SELECT laboratory, test, measure_seconds, is_critical FROM facts_tula.result_fact WHERE test = 'K'"
    )
    assert said == (tula.region.hub.code, "K", 1800, False)
    (tube,) = tula.facts(
        "SELECT state, tests, collect_seconds, accept_seconds IS NULL FROM facts_tula.specimen_fact LIMIT 1"
    )
    assert tube[0] in {"accepted", "collected"}
    assert tube[2] == 600


def test_publishing_again_writes_nothing(tula: Exported) -> None:
    tula.measure()
    tula.publish()
    written = "SELECT xmin::text, id FROM facts_tula.result_fact UNION ALL SELECT xmin::text, id FROM facts_tula.specimen_fact"
    before = tula.facts(written)
    for reset in (
        "UPDATE publishing.progress SET block = 0, row_id = 0",
        "UPDATE publishing.progress SET swept_version = 0",
    ):
        with psycopg.connect(tula.url, autocommit=True) as session:
            session.execute(reset.encode())
        tula.publish()
    assert tula.facts(written) == before


@pytest.mark.parametrize("limit", [1, 3])
def test_small_batches_bring_the_same(tula: Exported, limit: int) -> None:
    tula.publish()
    tula.measure()
    tula.measure("GLUS", "5.0")
    tula.publish(limit=limit, rounds=400)
    assert tula.facts(STATES) == tula.live.look(KEPT)
    assert tula.facts("SELECT count(*) FROM facts_tula.specimen_fact") == tula.live.look(
        "SELECT count(*) FROM specimen"
    )


def test_a_change_that_is_committed_late_is_not_passed_over(tula: Exported) -> None:
    """Its block of the audit has the lower number and appears after the higher one."""
    late = tula.measure()
    tula.publish()
    with psycopg.connect(tula.live.owner_url) as slow:
        slow.execute("UPDATE result SET urgency = 'S' WHERE id = %s", [late.pk])
        tula.measure("GLUS", "5.0")
        tula.publish()
        slow.commit()
    tula.publish()
    tula.publish()
    assert tula.facts(f"SELECT urgency FROM facts_tula.result_fact WHERE id = {late.pk}") == [("S",)]
    assert tula.facts(STATES) == tula.live.look(KEPT)


def test_the_youngest_transaction_with_the_older_block_is_not_passed_over(tula: Exported) -> None:
    """No snapshot names it: it is younger than the last one completed."""
    late, other = tula.measure(), tula.measure("GLUS", "5.0")
    tula.publish()
    urgent = "UPDATE result SET urgency = 'S' WHERE id = %s"
    with psycopg.connect(tula.live.owner_url) as first, psycopg.connect(tula.live.owner_url) as slow:
        first.execute("SELECT pg_current_xact_id()")
        slow.execute(urgent, [late.pk])
        first.execute(urgent, [other.pk])
        first.commit()
        tula.publish()
        slow.commit()
    tula.publish()
    tula.publish()
    assert tula.facts("SELECT DISTINCT urgency FROM facts_tula.result_fact") == [("S",)]


def test_only_one_publishes_at_a_time(tula: Exported) -> None:
    with psycopg.connect(tula.url) as other:
        other.execute("SELECT 1 FROM publishing.progress FOR UPDATE")
        with acting(tula.region.worker):
            done = publish_once(tula.node, limit=10, by=tula.region.worker, at=timezone.now())
    assert done.is_held_by_another


def test_a_publisher_killed_in_the_middle_leaves_nothing_half(tula: Exported, tmp_path: Path) -> None:
    tula.publish()
    tula.measure()
    before = tula.facts("SELECT * FROM publishing.progress")
    with psycopg.connect(superuser(tula)) as holder:
        holder.execute("LOCK TABLE facts_tula.specimen_fact IN ACCESS EXCLUSIVE MODE")
        process = tula.live.start("publish", ALIQUOT_HOME=str(tula.home))
        wait_for(lambda: tula.facts(LOCKED), "the publisher is in the middle of a batch", 60)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        holder.rollback()
    assert tula.facts(STATES) == []
    assert tula.facts("SELECT * FROM publishing.progress") == before
    again = tula.live.start("publish", "--once", ALIQUOT_HOME=str(tula.home))
    assert again.wait(60) == 0
    assert tula.facts(STATES) == tula.live.look(KEPT)
