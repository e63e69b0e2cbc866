"""Prometheus reads what the lines do, with a token, and learns nothing about anybody."""

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from aliquot.flow.instruments.models import LineState
from aliquot.foundation.context import acting
from tests.regions import Region
from tests.tubes import make_analyzer

TOKEN = "a token of some length"


@pytest.fixture
def scraper(settings: Settings) -> Client:
    settings.METRICS_TOKEN = TOKEN
    return Client(headers={"Authorization": f"Bearer {TOKEN}"})


def figures(text: str, analyzer: str) -> dict[str, float]:
    found = text_string_to_metric_families(text)
    return {
        sample.name: sample.value
        for family in found
        for sample in family.samples
        if sample.labels["analyzer"] == analyzer
    }


def test_without_a_token_the_address_does_not_exist(region: Region) -> None:
    assert Client().get("/metrics").status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}"])
def test_a_wrong_token_opens_nothing(region: Region, settings: Settings, header: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    response = Client(headers={"Authorization": header} if header else {}).get("/metrics")
    assert (response.status_code, b"aliquot_line" in response.content) == (401, False)


def test_every_analyzer_has_its_figures(region: Region, scraper: Client) -> None:
    now = timezone.now()
    analyzer = make_analyzer(region.hub, "sysmex_xn", "XN-1")
    with acting(region.worker):
        LineState.objects.create(
            analyzer=analyzer,
            laboratory=analyzer.laboratory,
            state="connected",
            state_since=now,
            updated_at=now,
            process_since=now,
            window_since=now,
            last_byte_at=now,
            frames_accepted=12,
            frames_refused=3,
            clock_skew_seconds=-7.5,
        )
    text = scraper.get("/metrics").content.decode()
    assert 'alarm="refused_frames"' in text
    assert 'alarm="clock_skew"' not in text
    told = figures(text, analyzer.code)
    assert told["aliquot_line_frames_accepted_total"] == 12
    assert told["aliquot_line_frames_refused_total"] == 3
    assert told["aliquot_line_connected"] == 1
    assert told["aliquot_line_clock_skew_seconds"] == -7.5
    assert told["aliquot_line_silent_seconds"] < 60
    assert told["aliquot_line_unread_messages"] == 0
    assert "aliquot_line_silent_message_seconds" not in told  # it has not sent any
