"""Connect an analyzer to this laboratory, or show those that are connected."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from aliquot.flow.instruments.actions import install_analyzer
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.driver import load, models
from aliquot.flow.instruments.rules.reach import QUERY_POLICIES, TRANSPORTS
from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.network.models import Bench
from aliquot.registers.people.sign_in import laboratories_actor


class Command(BaseCommand):
    """`aliquot connect` lists; `aliquot connect CODE --driver D --bench B --port P` connects."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", help="a short name of your own, e.g. CHEM-A")
        parser.add_argument("--driver", help="one of: " + ", ".join(models()))
        parser.add_argument("--bench", help="code of the bench where it stands")
        parser.add_argument("--port", type=int, help="TCP port to listen on for it alone")
        parser.add_argument("--transport", choices=TRANSPORTS, default="listen", help="how it is reached")
        parser.add_argument(
            "--address", default="", help="host:port to call, /dev/ttyS0?baud=9600&bits=8N1, or a folder"
        )
        parser.add_argument("--order-address", default="", help="host:port of a second connection for orders")
        parser.add_argument(
            "--query-policy",
            choices=QUERY_POLICIES,
            default="answer",
            help="when it is told what to measure: when it asks, when a tube is accepted, or both",
        )
        parser.add_argument("--name", default="", help="as people call it; the code when left out")
        parser.add_argument("--serial", default="")

    def handle(self, *_: Any, **options: Any) -> None:
        by = laboratories_actor("setup")
        with acting(by, reason="aliquot connect"):
            if options["code"]:
                self._connect(options)
            for analyzer in Analyzer.objects.order_by("code"):
                self._show(analyzer)

    def _connect(self, options: dict[str, Any]) -> None:
        place = "port" if options["transport"] == "listen" else "address"
        missing = [f"--{name}" for name in ("driver", "bench", place) if not options[name]]
        if missing:
            raise CommandError(f"say {' and '.join(missing)}")
        benches = list(Bench.objects.filter(code=options["bench"]).select_related("department__site"))
        if len(benches) != 1:
            known = ", ".join(Bench.objects.order_by("code").values_list("code", flat=True))
            raise CommandError(f"{len(benches)} benches have the code {options['bench']}; known: {known}")
        try:
            install_analyzer(
                code=options["code"],
                name=options["name"] or options["code"],
                driver=options["driver"],
                bench=benches[0],
                listen_port=options["port"],
                transport=options["transport"],
                address=options["address"],
                order_address=options["order_address"],
                query_policy=options["query_policy"],
                serial=options["serial"],
                by=system_actor("setup"),
                at=timezone.now(),
            )
        except Refused as refusal:
            raise CommandError(" ".join([refusal.reason, *refusal.fields.values()])) from refusal

    def _show(self, analyzer: Analyzer) -> None:
        mapped = set(analyzer.mappings.values_list("code", flat=True))
        unmapped = sorted(set(load(analyzer.driver).tests) - mapped)
        state = "" if analyzer.is_active else ", out of use"
        place = f"port {analyzer.listen_port}" if analyzer.listen_port else analyzer.address
        line = f"{analyzer.code}: {analyzer.driver}, {place}"
        self.stdout.write(f"{line}, {len(mapped)} codes mapped{state}")
        if unmapped:
            self.stdout.write(f"  without a catalogue test: {', '.join(unmapped)}")
