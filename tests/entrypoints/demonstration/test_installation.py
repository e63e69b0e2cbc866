"""A demonstration that was set up by an earlier version is set up further; nothing changes its port without need."""

from aliquot.entrypoints.demonstration.installation import DEVICES, FIRST_PORT, LOADER, install
from aliquot.flow.instruments.actions import install_analyzer
from aliquot.flow.instruments.models import Analyzer
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Bench
from tests.factories import NOW
from tests.regions import Region


def ports() -> dict[str, int | None]:
    with acting(LOADER):
        return dict(Analyzer.objects.values_list("code", "listen_port"))


def test_what_is_connected_keeps_its_port_and_what_is_new_takes_a_free_one(region: Region) -> None:
    with acting(LOADER):
        bench = Bench.objects.get(code="CHEM1")
        for code, driver, port in (("C311", "roche_cobas_c311", 0), ("OWN", "generic_astm", 1)):
            install_analyzer(
                code=code,
                name=code,
                driver=driver,
                bench=bench,
                listen_port=FIRST_PORT + port,
                by=LOADER,
                at=NOW,
            )
    install(at=NOW)
    first = ports()
    assert (first["C311"], first["OWN"]) == (FIRST_PORT, FIRST_PORT + 1)
    assert first.keys() == {"OWN"} | {one.code for one in DEVICES}
    assert len(set(first.values())) == len(first)
    install(at=NOW)
    assert ports() == first
