"""Years of a hub's work, made by sets: orders, tubes, messages, readings and released results."""

from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from aliquot.entrypoints.bench.laboratory import Laboratory, add_patients, move_sequences, row_facts
from aliquot.entrypoints.bench.session import Session

YEARS = 5
RESULTS_EACH = 40  # of a patient in a year
TABLES = ("lab_order", "order_item", "specimen", "specimen_test", "message", "reading", "result")
MAKERS = ("orders", "order_items", "specimens", "specimen_tests", "messages", "readings", "results")


def add_history(
    session: Session, laboratory: Laboratory, results: int, *, years: float = YEARS, ledger: int | None = None
) -> tuple[tuple[int, int], dict[str, Any]]:
    """Make at least so many released results with all of theirs; (id before, count) of their patients.

    Messages and readings stand beside the latest `ledger` of them; beside all when it is not said.

    As the owner, without audit of these rows, without foreign keys and indexes while it lasts: indexes are
    built afterwards, foreign keys hold for what comes then. Analysed and vacuumed at the end.
    """
    began = perf_counter()
    plan = laboratory.plan
    orders = plan.orders_for(results)
    patients = max(1, round(orders // plan.kinds * plan.results / (RESULTS_EACH * years)))
    first = add_patients(session, laboratory, patients)
    facts = row_facts(session, laboratory, orders, (first, patients))
    begin = datetime.now().astimezone() - timedelta(days=365 * years)
    shown = orders if ledger is None else min(orders, plan.orders_for(ledger))
    facts |= {"ledger_from": orders - shown}
    facts |= {"begin": begin, "step": timedelta(days=365 * years - 1) / orders, "is_past": True}
    session.run("past_months", begin=begin)
    rebuild = _strip(session)
    for name in MAKERS:
        session.run(name, **facts, **_further(name))
    filled = perf_counter()
    for statement in rebuild:
        session.text(statement)
    move_sequences(session)
    for table in (*TABLES, "patient", "patient_site"):
        session.text(f"VACUUM (ANALYZE) {table}")
    return (first, patients), {
        "results": orders // plan.kinds * plan.results,
        "with_messages_and_readings": shown // plan.kinds * plan.results,
        "patients": patients,
        "years": years,
        "filled_s": round(filled - began, 1),
        "indexed_s": round(perf_counter() - filled, 1),
        "database_gb": round(session.value("SELECT pg_database_size(current_database())") / 1e9, 2),
        "result_table_gb": round(
            session.value(
                "SELECT sum(pg_total_relation_size(relid))::bigint FROM pg_partition_tree('result')"
            )
            / 1e9,
            2,
        ),
    }


def _further(name: str) -> dict[str, Any]:
    if name == "orders":
        return {"prefix": "H"}
    return {"numbers": []} if name == "specimens" else {}


def _strip(session: Session) -> list[str]:
    """Take indexes, foreign keys and audit triggers away; the statements that bring them back."""
    # nothing is worth cleaning before all is there
    whole = [table for table in TABLES if table != "result"]  # which stands by month
    rebuild = [f"ALTER TABLE {table} RESET (autovacuum_enabled)" for table in whole]
    for table in whole:
        session.text(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    for take, give in session.run("burdens", tables=list(TABLES)):
        session.text(take)
        rebuild.append(give)
    return rebuild
