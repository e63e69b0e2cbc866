"""What every measurement of the whole way stands on: a region, patients, tubes that wait."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from aliquot.entrypoints.bench.laboratory import (
    Laboratory,
    accept_tubes,
    add_patients,
    install_laboratory,
    write_plan,
)
from aliquot.entrypoints.bench.processes import run_command
from aliquot.entrypoints.bench.session import Session
from aliquot.entrypoints.bench.workload import Plan, Upload, uploads
from aliquot.foundation.audit.queries import broken_blocks, extent

PATIENTS_PER_RESULT = 1 / 40


@dataclass(slots=True)
class Ground:
    """One database; `patients` (id before the first, count) are those whose tubes are made next."""

    session: Session
    _say: Callable[[str], None]
    patients: tuple[int, int] = (0, 0)
    _batches: "count[int]" = field(default_factory=lambda: count(1))

    def prepare(
        self, connections: int, results: int, *, rules: Callable[[Plan], str] | None = None
    ) -> Laboratory:
        """Schema, registers, analyzers, rules in force (as shipped, or made), patients for so many."""
        self._say("schema, protection, catalogue, region ...")
        run_command("migrate", "--skip-checks")
        laboratory = install_laboratory(connections, at=datetime.now(UTC), rules=rules)
        write_plan(self.session, laboratory)
        patients = max(10, round(results * PATIENTS_PER_RESULT))
        self.patients = (add_patients(self.session, laboratory, patients), patients)
        return laboratory

    def messages(self, laboratory: Laboratory, results: int, *, has_indices: bool = False) -> list[Upload]:
        """Accepted tubes of today for at least so many results, and the message of each."""
        batch = f"B{next(self._batches)}-"
        tubes = accept_tubes(self.session, laboratory, results, patients=self.patients, batch=batch)
        now = datetime.now(UTC)
        return list(
            uploads(
                laboratory.plan,
                tubes.numbers,
                tubes.patients,
                at=now,
                zone=laboratory.zone,
                has_indices=has_indices,
            )
        )

    def audit(self) -> dict[str, Any]:
        """The chains of this database, verified: whole or not, blocks, rows, seconds."""
        began = time.perf_counter()
        faults, held = broken_blocks(), extent()
        return {
            "whole": not faults,
            "blocks": held.blocks,
            "rows": held.rows,
            "seconds": round(time.perf_counter() - began, 2),
        }

    def checkpoint(self) -> None:
        """Write out what is to be written, where we may, so that it does not fall into what is measured."""
        if self.session.value("SELECT pg_has_role(current_user, 'pg_checkpoint', 'USAGE')"):
            self.session.text("CHECKPOINT")
