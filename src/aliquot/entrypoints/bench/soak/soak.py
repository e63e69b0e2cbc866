"""A soak from its preparation to its account: real processes, a database of its own, kills, and the books."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from aliquot.entrypoints.bench.machine import load_average
from aliquot.entrypoints.bench.pipeline import MeasurementError
from aliquot.entrypoints.bench.processes import run_command
from aliquot.entrypoints.bench.session import Session
from aliquot.entrypoints.bench.soak.journal import Note, read_notes
from aliquot.entrypoints.bench.soak.killing import Cast, victims
from aliquot.entrypoints.bench.soak.plan import Expected, Plan
from aliquot.entrypoints.bench.soak.reconcile import Account, KeptMessage, KeptReading, reconcile
from aliquot.entrypoints.bench.soak.setting import install, suitable_models
from aliquot.entrypoints.simulate.faults import FAULTS
from aliquot.foundation.audit.queries import broken_blocks

OF_A_PROCESS = 50  # analyzers
WORKERS = 2
PAUSE = 2.5  # seconds between two messages of an analyzer, on average
SECONDS_OF_A_KILL = 6.0
DRAIN_SECONDS = 180.0
READ_SECONDS = 180.0
LOOK_SECONDS = 0.2
# what happens on a line; what is strange in a message is decided by the plan
LINE_FAULTS = (
    "lf-segments", "crlf-segments", "missing-vt", "missing-cr", "missing-end", "bad-checksum", "damaged-byte",
    "lost-frame", "doubled-frame", "restarted-numbers", "noise", "slow-sender", "lost-ack", "garbled-ack",
    "slow-receiver", "contention", "cut", "half-open",
)  # fmt: skip
SHARE_OF_A_FAULT = 0.1  # of the probability that the fault has when it is asked for alone


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many analyzers for how long, or how many messages of each; how often something is killed."""

    analyzers: int = 200
    minutes: float = 10.0
    messages: int | None = None
    kills: int | None = None  # None: as many as fit the time; 0: none
    seed: int = 1
    models: Sequence[str] = ()
    pause: float = PAUSE


class Soak:
    """One soak on the database of this environment, whose server it may kill; `say` tells how it goes."""

    def __init__(self, wanted: Wanted, say: Callable[[str], None]) -> None:
        self._wanted, self._say = wanted, say
        self._home = Path(os.environ["ALIQUOT_HOME"])
        self._draw = Random(wanted.seed)  # noqa: S311 - a simulation, not a secret
        self._cast = Cast(self._home)

    def run(self) -> dict[str, Any]:
        """Play the soak and return its account; `differences` is empty when every record is accounted for."""
        models, unfit = suitable_models(self._wanted.models)
        plan = self._prepare(models)
        fleets = -(-len(plan.devices) // OF_A_PROCESS)
        began = time.monotonic()
        try:
            self._start(fleets)
            self._say(f"{len(plan.devices)} analyzers of {len(models)} models in {fleets} processes ...")
            self._play(fleets)
            played = time.monotonic() - began
            self._say("no more faults; everything that was begun is finished ...")
            self._cast.end("analyzers", DRAIN_SECONDS)
            self._wait_until_read([Path(one.folder) for one in plan.devices if one.folder])
        finally:
            self._cast.stop()
        return self._account(plan, fleets, played, unfit)

    # -- before ---------------------------------------------------------------------------------------

    def _prepare(self, models: Sequence[str]) -> Plan:
        wanted = self._wanted
        self._say("schema, catalogue, region, analyzers and tubes ...")
        run_command("migrate", "--skip-checks")
        messages = wanted.messages or max(1, int(wanted.minutes * 60 / max(0.05, wanted.pause) * 1.3) + 20)
        session = Session(os.environ["ALIQUOT_OWNER_URL"])
        devices = install(
            session,
            models,
            wanted.analyzers,
            messages,
            wanted.seed,
            home=self._home.resolve(),
            at=datetime.now(UTC),
        )
        session.close()
        faults = {name: FAULTS[name].probability * SHARE_OF_A_FAULT for name in LINE_FAULTS}
        plan = Plan(devices, faults, wanted.pause, wanted.messages)
        plan.write(self._home / "plan.json")
        return plan

    def _start(self, fleets: int) -> None:
        self._cast.start_command("links", "links")
        for number in range(1, WORKERS + 1):
            self._cast.start_command(f"worker {number}", "work")
        for share in range(fleets):
            self._cast.start_fleet(
                f"analyzers {share}",
                str(self._home / "plan.json"),
                str(share),
                str(fleets),
                str(self._journal(share)),
            )

    def _journal(self, share: int) -> Path:
        return self._home / f"journal-{share}.jsonl"

    # -- meanwhile ------------------------------------------------------------------------------------

    def _play(self, fleets: int) -> None:
        """Kill one process after the other, until the time is over or every message is sent."""
        kills = victims(self._kills, self._draw)
        began, killed = time.monotonic(), 0
        while not self._is_over(began):
            time.sleep(LOOK_SECONDS)
            self._cast.check()
            if killed < len(kills) and self._progress(began, fleets) >= (killed + 1) / (len(kills) + 1):
                self._cast.kill(kills[killed], self._draw)
                killed += 1
        if killed < len(kills):
            raise MeasurementError(f"only {killed} of {len(kills)} kills found something to kill")

    @property
    def _kills(self) -> int:
        wanted = self._wanted
        if wanted.kills is not None:
            return wanted.kills
        return int(wanted.minutes * 60 / SECONDS_OF_A_KILL)

    def _progress(self, began: float, fleets: int) -> float:
        """How much of the soak is over, from 0 to 1."""
        if self._wanted.messages is None:
            return (time.monotonic() - began) / (self._wanted.minutes * 60)
        done = sum(one.what == "done" for share in range(fleets) for one in read_notes(self._journal(share)))
        return done / (self._wanted.messages * self._wanted.analyzers)

    def _is_over(self, began: float) -> bool:
        if self._cast.has_ended("analyzers"):
            return True
        return self._wanted.messages is None and time.monotonic() - began > self._wanted.minutes * 60

    # -- after ----------------------------------------------------------------------------------------

    def _wait_until_read(self, folders: Sequence[Path]) -> None:
        deadline = time.monotonic() + READ_SECONDS
        session = Session(os.environ["ALIQUOT_OWNER_URL"])
        while waiting := _files(folders) + session.run("soak_waiting")[0][0]:
            self._cast.check()
            if time.monotonic() > deadline:
                raise MeasurementError(f"{waiting} files, messages or readings still wait")
            time.sleep(LOOK_SECONDS)
        session.close()

    def _account(self, plan: Plan, fleets: int, played: float, unfit: dict[str, str]) -> dict[str, Any]:
        self._say("comparing the journals with the ledger ...")
        notes = [one for share in range(fleets) for one in read_notes(self._journal(share))]
        session = Session(os.environ["ALIQUOT_OWNER_URL"])
        messages = [KeptMessage(row[0], bytes(row[1]), *row[2:]) for row in session.run("soak_messages")]
        readings = [KeptReading(*row) for row in session.run("soak_readings")]
        account = reconcile(notes, _expected(plan, notes), messages, readings)
        account.differ("blocks of the audit are broken", broken_blocks())
        _check_answers(account, plan, notes)
        return {
            "measured_at": datetime.now(UTC).isoformat(),
            "seed": self._wanted.seed,
            "analyzers": len(plan.devices),
            "models": dict(sorted(Counter(one.model for one in plan.devices).items())),
            "not_played": unfit,
            "seconds": round(played, 1),
            "killed": dict(sorted(self._cast.killed.items())),
            "faults": _faults(notes),
            **account.counts,
            "said_to_analyzers": {f"{s} {p}".strip(): n for s, p, n in session.run("soak_outgoing")},
            "load_average": load_average(),
            "differences": account.differences,
        }


def _files(folders: Sequence[Path]) -> int:
    return sum(one.is_file() for folder in folders for one in folder.iterdir())


def _expected(plan: Plan, notes: Sequence[Note]) -> dict[str, list[Expected]]:
    done = Counter(one.device for one in notes if one.what == "done")
    return {
        device.code: [one for number in range(done[device.code]) for one in device.said(number).expected]
        for device in plan.devices
    }


def _check_answers(account: Account, plan: Plan, notes: Sequence[Note]) -> None:
    """What the host answered about a tube that waited is what was ordered on it."""
    ordered = {device.code: device.ordered for device in plan.devices if device.can_ask}
    answers = [(one.device, set(json.loads(one.detail))) for one in notes if one.what == "answered"]
    account.differ(
        "answers name other tests than those ordered",
        [(device, sorted(codes)) for device, codes in answers if codes - ordered[device]],
    )
    empty = sum(not codes for _, codes in answers)
    account.counts["questions"] = {"answered": len(answers), "answered_with_nothing": empty}


def _faults(notes: Sequence[Note]) -> dict[str, int]:
    """Faults injected by devices that finished; what a killed one did is not counted."""
    total: Counter[str] = Counter()
    for one in notes:
        if one.what == "faults":
            total.update(json.loads(one.detail))
    return dict(sorted(total.items()))
