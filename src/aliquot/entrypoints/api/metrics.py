"""Figures of the lines for Prometheus: no patient, no tube, no value; a bearer token opens the door."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from aliquot.flow.instruments.queries import WatchedLine, watched_lines
from aliquot.flow.instruments.rules.alarms import ALARMS, LineHealth
from aliquot.foundation.context import acting
from aliquot.registers.people.sign_in import laboratories_actor

NAME: Final = "metrics"
LABELS: Final = ("analyzer", "driver")
Figure = Callable[[LineHealth, datetime], float | None]

COUNTERS: Final[tuple[tuple[str, str, Figure], ...]] = (
    ("frames_accepted", "Frames accepted since the link process began.", lambda one, _: one.frames_accepted),
    ("frames_refused", "Frames refused (NAK).", lambda one, _: one.frames_refused),
    ("frames_repeated", "Frames that came again after a lost ACK.", lambda one, _: one.frames_repeated),
    ("sessions", "Transfer sessions opened.", lambda one, _: one.sessions),
    ("reconnects", "Times the connection was opened again.", lambda one, _: one.reconnects),
    ("messages", "Whole messages received.", lambda one, _: one.messages),
    ("bytes_received", "Bytes received.", lambda one, _: one.bytes_in),
    ("bytes_sent", "Bytes sent.", lambda one, _: one.bytes_out),
)
GAUGES: Final[tuple[tuple[str, str, Figure], ...]] = (
    ("connected", "1 while the analyzer is connected.", lambda one, _: one.state == "connected"),
    ("failed", "1 while the line cannot be opened.", lambda one, _: one.state == "failed"),
    ("active", "1 when the analyzer is in use.", lambda one, _: one.is_active),
    (
        "driver_stopped",
        "1 when nothing of this driver is read.",
        lambda one, _: one.stopped_since is not None,
    ),
    ("clock_skew_seconds", "The device's clock minus ours.", lambda one, _: one.clock_skew_seconds),
    ("silent_seconds", "Since the last byte.", lambda one, now: _age(one.last_byte_at, now)),
    ("silent_message_seconds", "Since the last message.", lambda one, now: _age(one.last_message_at, now)),
    ("unread_messages", "Messages kept and not read yet.", lambda one, _: one.unread),
    ("unread_seconds", "Age of the oldest of them.", lambda one, now: _age(one.oldest_unread_at, now) or 0.0),
    ("waiting", "Messages and readings that wait for a person.", lambda one, _: one.waiting),
    ("orders_to_send", "Work orders that are still to be sent.", lambda one, _: one.queued),
    ("orders_undelivered", "Work orders that could not be sent.", lambda one, _: one.undelivered),
)


class _Lines(Collector):
    """The lines as they were read for this answer."""

    def __init__(self, watched: Iterable[WatchedLine], now: datetime) -> None:
        self._watched, self._now = list(watched), now

    def collect(self) -> Iterable[Metric]:
        """Every figure of every analyzer; one that is not known is left out."""
        for name, words, figure in COUNTERS:
            yield self._filled(CounterMetricFamily(f"aliquot_line_{name}", words, labels=LABELS), figure)
        for name, words, figure in GAUGES:
            yield self._filled(GaugeMetricFamily(f"aliquot_line_{name}", words, labels=LABELS), figure)
        yield self._alarms()

    def _filled(self, family: CounterMetricFamily | GaugeMetricFamily, figure: Figure) -> Metric:
        for one in self._watched:
            value = figure(one.health, self._now)
            if value is not None:
                family.add_metric((one.health.code, one.health.driver), float(value))
        return family

    def _alarms(self) -> Metric:
        words = "1 while this is wrong with the line: " + ", ".join(ALARMS) + "."
        family = GaugeMetricFamily("aliquot_line_alarm", words, labels=(*LABELS, "alarm", "severity"))
        for one in self._watched:
            for alarm in one.alarms:
                family.add_metric((one.health.code, one.health.driver, alarm.code, alarm.severity), 1.0)
        return family


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures in Prometheus' text form; 404 while no token is set, 401 for a wrong one."""
    if not settings.METRICS_TOKEN:
        return _refused(404, "No token is set: ALIQUOT_METRICS_TOKEN or ALIQUOT_METRICS_TOKEN_FILE.")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not constant_time_compare(given, settings.METRICS_TOKEN):
        return _refused(401, "Send the token: Authorization: Bearer ...")
    now = timezone.now()
    with acting(laboratories_actor(NAME)):
        watched = watched_lines(at=now)
    registry = CollectorRegistry()
    registry.register(_Lines(watched, now))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _refused(status: int, words: str) -> HttpResponse:
    response = HttpResponse(words + "\n", status=status, content_type="text/plain; charset=utf-8")
    if status == 401:  # noqa: PLR2004 - HTTP: who calls?
        response.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
    return response


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else (now - at).total_seconds()
