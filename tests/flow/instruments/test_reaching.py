"""An analyzer is reached by a port, an address, a serial port or a folder; what cannot be is refused by field."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from aliquot.flow.instruments.actions import AnalyzerFacts, change_analyzer, install_analyzer
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.queries import analyzer_lines
from aliquot.flow.instruments.rules.reach import Reach, faults_of
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.network.models import Bench, Department
from tests.regions import Region, one_with

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "reach",
    [
        Reach("listen", 15001),
        Reach("listen", 7787, order_address="10.0.0.7:8888"),
        Reach("dial", address="analyzer-1.lab:5001", query_policy="both"),
        Reach("dial", address="tcp://[fe80::1]:5001"),
        Reach("serial", address="/dev/ttyS0?baud=9600&bits=8N1", query_policy="preload"),
        Reach("serial", address="COM3"),
        Reach("serial", address="socket://10.0.0.9:4001"),
        Reach("folder", address="/srv/results in/bcs"),
    ],
)
def test_these_reach_an_analyzer(reach: Reach) -> None:
    assert faults_of(reach) == {}


@pytest.mark.parametrize(
    ("reach", "fault"),
    [
        (Reach("listen"), {"listen_port": "port_out_of_range"}),
        (Reach("listen", 80), {"listen_port": "port_out_of_range"}),
        (Reach("dial", address="analyzer"), {"address": "not_host_port"}),
        (Reach("dial", address="analyzer:0"), {"address": "not_host_port"}),
        (Reach("dial", address="a b:5000"), {"address": "not_host_port"}),
        (Reach("serial", address=""), {"address": "not_a_serial_port"}),
        (Reach("folder", address="results"), {"address": "not_a_folder"}),
        (Reach("folder", address="/" + "a" * 600), {"address": "address_too_long"}),
        (Reach("folder", address="/a", query_policy="both"), {"query_policy": "folder_takes_no_orders"}),
        (Reach("serial", address="COM3", order_address="a:5000"), {"order_address": "no_second_connection"}),
        (Reach("listen", 15001, order_address="a"), {"order_address": "not_host_port"}),
        (Reach("pigeon"), {"transport": "unknown_transport"}),
        (Reach("listen", 15001, query_policy="guess"), {"query_policy": "unknown_policy"}),
    ],
)
def test_what_reaches_none_is_named_by_its_field(reach: Reach, fault: dict[str, str]) -> None:
    assert faults_of(reach) == fault


def install(region: Region, code: str, **given: Any) -> Analyzer:
    director = one_with(region, "hub_director")
    bench = Bench.objects.filter(department__site=region.hub)[0]
    facts = {"code": code, "name": code, "driver": "sysmex_xn", "bench": bench, **given}
    with acting(director):
        return install_analyzer(**facts, by=director, at=AT)


def test_an_analyzer_is_connected_by_any_transport_and_its_place_is_its_own(region: Region) -> None:
    install(region, "A", transport="dial", address=" lab-1:5001 ", listen_port=15001, query_policy="both")
    line = next(one for one in analyzer_lines() if one.code == "A")
    assert (line.transport, line.address, line.listen_port, line.query_policy) == (
        "dial",
        "lab-1:5001",
        None,
        "both",
    )
    install(region, "B", transport="folder", address="/srv/b")
    install(region, "A", transport="dial", address="lab-1:5001")
    with pytest.raises(Refused) as refused:
        install(region, "C", transport="dial", address="lab-1:5001")
    assert set(refused.value.fields) == {"address"}
    with pytest.raises(Refused) as refused:
        install(region, "C", transport="serial", address="ttyS0", query_policy="never")
    assert set(refused.value.fields) == {"address", "query_policy"}


def test_a_code_that_is_connected_is_not_given_another_driver(region: Region) -> None:
    analyzer = install(region, "A", listen_port=15001)
    with pytest.raises(Refused) as refused:
        install(region, "A", listen_port=15001, driver="roche_cobas_c311")
    assert set(refused.value.fields) == {"code"}
    analyzer.refresh_from_db()
    assert analyzer.driver == "sysmex_xn"


def test_a_person_connects_analyzers_of_the_own_laboratory_only(region: Region) -> None:
    install(region, "A", listen_port=15001)
    director = one_with(region, "hub_director")
    stranger = replace(director, sites=frozenset({region.clinic.pk}))
    elsewhere = Bench.objects.filter(department__site=region.hub)[0]
    with acting(stranger), pytest.raises(Forbidden):
        install_analyzer(
            code="B", name="B", driver="sysmex_xn", bench=elsewhere, by=stranger, at=AT, listen_port=15002
        )
    with acting(director):
        department = Department.objects.create(site=region.clinic, code="X", name_en="X", name_ru="X")
        own = Bench.objects.create(department=department, code="X", name_en="X", name_ru="X")
    with acting(stranger), pytest.raises(Refused) as refused:
        install_analyzer(
            code="A", name="A", driver="sysmex_xn", bench=own, by=stranger, at=AT, listen_port=15001
        )
    assert set(refused.value.fields) == {"code"}


def test_an_analyzer_changes_its_transport(region: Region) -> None:
    director = one_with(region, "hub_director")
    analyzer = install(region, "A", listen_port=15001)
    install(region, "B", listen_port=15002)
    facts = AnalyzerFacts("A", "", 15001, is_active=True, has_qc_plan=False)
    dialled = AnalyzerFacts(
        "A", "", 15001, is_active=True, has_qc_plan=False, transport="dial", address="a:1"
    )
    taken = AnalyzerFacts("A", "", 15002, is_active=True, has_qc_plan=False)
    with acting(director):
        changed = change_analyzer(analyzer, dialled, reason="moved", by=director, at=AT)
        assert (changed.transport, changed.address, changed.listen_port) == ("dial", "a:1", None)
        changed = change_analyzer(analyzer, facts, reason="moved back", by=director, at=AT)
        assert (changed.transport, changed.address, changed.listen_port) == ("listen", "", 15001)
        with pytest.raises(Refused) as refused:
            change_analyzer(analyzer, taken, reason="moved", by=director, at=AT)
    assert set(refused.value.fields) == {"listen_port"}
