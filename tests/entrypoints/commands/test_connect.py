"""`aliquot connect` connects an analyzer however it is reached, and lists what is connected."""

import io

import pytest
from django.core.management import CommandError, call_command

from aliquot.entrypoints.commands.connect import Command
from aliquot.flow.instruments.models import Analyzer
from aliquot.registers.network.models import Bench
from tests.regions import Region


def connect(region: Region, code: str, *options: str) -> str:
    said = io.StringIO()
    bench = Bench.objects.filter(department__site=region.hub).order_by("code")[0].code
    call_command(Command(), code, "--driver", "sysmex_xn", "--bench", bench, *options, stdout=said)
    return said.getvalue()


def test_an_analyzer_is_connected_by_any_transport(region: Region) -> None:
    assert "A: sysmex_xn, port 15900" in connect(region, "A", "--port", "15900")
    said = connect(region, "B", "--transport", "dial", "--address", "lab-1:5001", "--query-policy", "both")
    assert "B: sysmex_xn, lab-1:5001" in said
    analyzer = Analyzer.objects.get(code="B")
    assert (analyzer.transport, analyzer.listen_port, analyzer.query_policy) == ("dial", None, "both")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "say --port"),
        (("--transport", "serial"), "say --address"),
        (("--transport", "folder", "--address", "results"), "whole path"),
        (("--port", "15900", "--order-address", "x"), "host:port"),
    ],
)
def test_what_is_missing_or_wrong_is_said(region: Region, options: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        connect(region, "A", *options)
    assert not Analyzer.objects.filter(code="A").exists()
