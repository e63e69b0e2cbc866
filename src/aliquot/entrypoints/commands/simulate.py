"""Play an analyzer of a model, on a good line or a bad one."""

import asyncio
import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aliquot.entrypoints.simulate.endpoints import Cable, Dial, Endpoint, Listen, folder_for
from aliquot.entrypoints.simulate.faults import FAULTS, FaultError, chosen
from aliquot.entrypoints.simulate.faults.drift import drift_of
from aliquot.entrypoints.simulate.shift import NobodyThereError, Shift, Work
from aliquot.flow.instruments.rules.driver import load, models
from aliquot.flow.instruments.rules.forms import UnsendableError
from aliquot.flow.specimens.rules.numbering import specimen_number

INVENTED = "7199"  # a range that no site of the demonstration region has


class Command(BaseCommand):
    """`aliquot simulate MODEL [--port P] [--fault NAME[:probability]] ...`: prints one JSON summary."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", nargs="?", help="the driver's folder name; see --list")
        parser.add_argument("--list", action="store_true", help="say which models and faults there are")
        parser.add_argument("--host", default="127.0.0.1", help="of the laboratory system, or to listen on")
        _add_endpoints(parser)
        _add_work(parser)
        parser.add_argument("--json", action="store_true", help="one JSON object on one line")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["list"]:
            self.stdout.write("\n".join(_known()))
            return
        if not options["model"]:
            raise CommandError("name a model; `aliquot simulate --list` says which there are")
        try:
            shift = Shift(_work(options), _endpoint(options), _orders(options))
            found = asyncio.run(shift.run())
        except (FaultError, UnsendableError, NobodyThereError, ValueError, OSError) as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=None if options["json"] else 2))
        if found["acknowledged"] < found["sent"]:
            raise CommandError(f"{found['sent'] - found['acknowledged']} messages were not taken")


def _add_endpoints(parser: ArgumentParser) -> None:
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument("--port", type=int, help="dial this port of the host")
    ends.add_argument("--listen", type=int, metavar="P", help="wait for the host on this port")
    ends.add_argument("--serial", metavar="DEV", help="speak over this serial port")
    ends.add_argument("--folder", type=Path, metavar="DIR", help="write files there")
    parser.add_argument("--baud", type=int, default=9600, help="of the serial port")
    parser.add_argument(
        "--orders", type=int, metavar="P", help="wait on this port too: the socket on which orders come"
    )


def _add_work(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--specimens", default="10", metavar="FILE|N|-", help="tubes by number, one a line, or how many"
    )
    parser.add_argument("--results", type=int, help="results of each tube; otherwise some")
    parser.add_argument("--rate", type=float, help="tubes a second; otherwise as fast as the host takes them")
    parser.add_argument(
        "--query", action="store_true", help="ask about each tube and measure what is ordered"
    )
    parser.add_argument("--qc", action="store_true", help="measure control material now and then")
    parser.add_argument(
        "--indices",
        action="store_true",
        help="say the indices of each tube; a share is haemolysed",
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[:PROBABILITY]",
        help="may be given again; or all",
    )
    parser.add_argument(
        "--drift",
        action="append",
        default=[],
        metavar="CODE:PERCENT[:AFTER[:OVER[:controls]]]",
        help="a test is measured wrong by so many percent after so many patients, grown over so many more;"
        " controls stay right unless it is said",
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed does the same")
    parser.add_argument(
        "--clock-skew", type=float, default=0.0, metavar="SECONDS", help="of the device's clock"
    )
    parser.add_argument("--patience", type=float, default=120.0, metavar="SECONDS", help="for one tube")


def _work(options: Mapping[str, Any]) -> Work:
    return Work(
        options["model"],
        _specimens(options["specimens"]),
        results=options["results"],
        rate=options["rate"],
        asks=options["query"],
        has_controls=options["qc"],
        has_indices=options["indices"],
        faults=chosen(options["fault"]),
        drifts=[drift_of(one) for one in options["drift"]],
        seed=options["seed"],
        skew=options["clock_skew"],
        patience=options["patience"],
    )


def _specimens(text: str) -> list[str]:
    if text.isascii() and text.isdigit():
        return [specimen_number(INVENTED, number) for number in range(1, int(text) + 1)]
    lines = sys.stdin.read() if text == "-" else Path(text).read_text("utf-8")
    return lines.split()


def _endpoint(options: Mapping[str, Any]) -> Endpoint:
    if options["serial"]:
        return Cable(options["serial"], options["baud"])
    if options["folder"]:
        return folder_for(options["folder"], load(options["model"]).framing)
    if options["listen"] is not None:
        return Listen(options["host"], options["listen"])
    if options["port"] is None:
        raise CommandError("say where: --port, --listen, --serial or --folder")
    return Dial(options["host"], options["port"])


def _orders(options: Mapping[str, Any]) -> Endpoint | None:
    return None if options["orders"] is None else Listen(options["host"], options["orders"])


def _known() -> list[str]:
    lines = ["Models:"]
    for model in models():
        driver = load(model)
        lines.append(f"  {model:<28} {driver.title} ({driver.protocol}, {len(driver.tests)} tests)")
    lines.append("Faults:")
    for one in FAULTS.values():
        only = f" [{', '.join(sorted(one.protocols))}]" if one.protocols else ""
        lines.append(f"  {one.name:<28} {one.words}{only}")
    return lines
