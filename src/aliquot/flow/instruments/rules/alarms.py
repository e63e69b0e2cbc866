"""What is wrong with a line, by limits that are data: what a person has to look at, and what to do about it.

The remedy stands in the words. LIS01-A2 6.5.1.2: six refusals of one frame end a transfer, so a share of
refused frames of one in ten is already a bad cable; ISO 15189:2022 7.6.3: failures of a system are recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

Severity: TypeAlias = Literal["warning", "danger"]


@dataclass(frozen=True, slots=True)
class AlarmLimits:
    """From where on a line is not well."""

    unserved: timedelta = timedelta(seconds=15)  # the process that holds the line says nothing
    reconnecting: timedelta = timedelta(seconds=30)
    silent: timedelta = timedelta(hours=4)  # no byte on a line that is connected
    refused_share: float = 0.1  # of the frames of the window
    refused_least: int = 3  # frames; fewer say nothing
    unread: timedelta = timedelta(minutes=2)  # age of the oldest message that nobody has read
    queued: timedelta = timedelta(minutes=5)  # age of the oldest order that was not sent
    clock_skew: timedelta = timedelta(minutes=5)
    gibberish: int = 200  # bytes in which no session, frame or message was seen
    waiting: int = 1  # messages and readings that wait for a person
    error: timedelta = timedelta(minutes=5)  # how long an error of the line stays in sight


LIMITS = AlarmLimits()


@dataclass(frozen=True, slots=True)
class LineHealth:
    """Everything about one analyzer's line that an alarm may look at; moments UTC, None: never or none.

    `state` as LineState.State, "" when no process ever held the line; counts of frames are of the window.
    """

    analyzer_id: int
    code: str
    name: str
    driver: str
    is_active: bool
    state: str
    state_since: datetime | None
    updated_at: datetime | None
    connected_since: datetime | None
    last_byte_at: datetime | None
    last_message_at: datetime | None
    window_accepted: int
    window_refused: int
    frames_accepted: int
    frames_refused: int
    frames_repeated: int
    sessions: int
    reconnects: int
    messages: int
    bytes_in: int
    bytes_out: int
    clock_skew_seconds: float | None
    last_error: str
    last_error_at: datetime | None
    unread: int
    oldest_unread_at: datetime | None
    waiting: int
    queued: int
    oldest_queued_at: datetime | None
    undelivered: int
    stopped_since: datetime | None
    stop_reason: str

    @property
    def refused_share(self) -> float:
        """The share of frames that were refused in the window, 0 to 1."""
        total = self.window_accepted + self.window_refused
        return self.window_refused / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong with a line: a code of ALARMS and the facts its sentence names."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """Danger: results or orders do not flow. Warning: somebody should look."""
        return ALARMS[self.code][0]


ALARMS: Mapping[str, tuple[Severity, str, str]] = MappingProxyType(
    {
        "stopped": (
            "danger",
            "The driver {driver} is stopped: {reason}. Messages are kept and not read.",
            "Драйвер {driver} остановлен: {reason}. Сообщения сохраняются, но не разбираются.",
        ),
        "database_refused": (
            "danger",
            "Messages were not kept and not acknowledged: {detail}. Make room; look at the database.",
            "Сообщения не сохранены и не подтверждены: {detail}. Освободите место; проверьте базу данных.",
        ),
        "not_served": (
            "danger",
            "No process holds this line since {minutes} min. Start aliquot links.",
            "Линию никто не обслуживает уже {minutes} мин. Запустите aliquot links.",
        ),
        "failed": (
            "danger",
            "The line cannot be opened: {detail}. Check the address and whether another program holds it.",
            "Линию не удаётся открыть: {detail}. Проверьте адрес и не занят ли он другой программой.",
        ),
        "reconnecting": (
            "danger",
            "The analyzer has not answered our calls for {minutes} min. Is it on, and is its network right?",
            "Анализатор не отвечает на вызовы {minutes} мин. Включён ли он, верна ли сеть?",
        ),
        "unread": (
            "danger",
            "{count} messages are not read, the oldest for {minutes} min. Start aliquot work.",
            "Не разобрано сообщений: {count}, старейшее ждёт {minutes} мин. Запустите aliquot work.",
        ),
        "undelivered": (
            "danger",
            "{count} orders were not taken. Send them again, or program the tubes at the analyzer.",
            "Не принято заданий: {count}. Отправьте снова или внесите их на анализаторе вручную.",
        ),
        "gibberish": (
            "danger",
            "The device sent {count} bytes and nothing was understood. Check driver, protocol, speed.",
            "Прибор передал байт: {count}, ничего не понято. Проверьте драйвер, протокол, скорость.",
        ),
        "refused_frames": (
            "warning",
            "{percent} % of the frames were damaged. Check the cable and the settings of the port.",
            "Повреждено {percent} % кадров. Проверьте кабель и настройки порта.",
        ),
        "queued": (
            "warning",
            "{count} orders wait to be sent, the oldest for {minutes} min. Is the analyzer connected?",
            "Ожидают отправки заданий: {count}, старейшее {minutes} мин. Подключён ли анализатор?",
        ),
        "silent": (
            "warning",
            "The line is connected and silent for {minutes} min. Is the analyzer set to send?",
            "Линия подключена, но молчит {minutes} мин. Включена ли передача на анализаторе?",
        ),
        "clock_skew": (
            "warning",
            "The analyzer's clock differs from ours by {seconds} s. Set it: times of results come from it.",
            "Часы анализатора расходятся с нашими на {seconds} с. Выставьте их: это время результатов.",
        ),
        "waiting": (
            "warning",
            "{count} messages or readings wait for a person.",
            "Ждут решения сообщений и измерений: {count}.",
        ),
        "error": (
            "warning",
            "The line said: {detail}.",
            "Линия сообщила: {detail}.",
        ),
    }
)
"""Severity, and the sentence in English and in Russian; {names} are the facts that come with it."""

REFUSING = ("disk_full", "database_away", "clogged")
"""Beginnings of a line's last error that say that nothing can be kept."""

HEALED = ("refused", "unreachable", "not_found", "device_gone", "device_busy", "port_in_use")
"""Beginnings of errors that are over once the line is connected; one that broke off may break off again."""


def line_alarms(line: LineHealth, *, at: datetime, limits: AlarmLimits = LIMITS) -> list[Alarm]:
    """Return everything that is wrong with this line now, the worst first; nothing of one switched off."""
    if not line.is_active:
        return []
    found = [
        *_of_stop(line),
        *_of_connection(line, at, limits),
        *_of_queues(line, at, limits),
        *_of_traffic(line, limits),
    ]
    return sorted(found, key=lambda one: one.severity == "warning")


def describe_alarm(alarm: Alarm, language: str = "en") -> str:
    """Return the sentence of an alarm in English or, for "ru", Russian."""
    return ALARMS[alarm.code][1 + language.startswith("ru")].format_map(alarm.facts)


def _of_stop(line: LineHealth) -> list[Alarm]:
    if line.stopped_since is None:
        return []
    return [Alarm("stopped", {"driver": line.driver, "reason": line.stop_reason})]


def _of_connection(line: LineHealth, at: datetime, limits: AlarmLimits) -> list[Alarm]:
    found = []
    if line.updated_at is None:
        return [Alarm("not_served", {"minutes": "?"})]
    if at - line.updated_at > limits.unserved:
        found.append(Alarm("not_served", {"minutes": max(1, _minutes(at, line.updated_at))}))
    elif line.state == "failed":
        found.append(Alarm("failed", {"detail": line.last_error or "?"}))
    elif line.state == "reconnecting" and _is_over(at, line.state_since, limits.reconnecting):
        found.append(Alarm("reconnecting", {"minutes": _minutes(at, line.state_since)}))
    elif line.state == "connected" and _is_over(at, _last_heard(line), limits.silent):
        found.append(Alarm("silent", {"minutes": _minutes(at, _last_heard(line))}))
    return found + _of_error(line, at, limits)


def _of_error(line: LineHealth, at: datetime, limits: AlarmLimits) -> list[Alarm]:
    is_fresh = line.last_error_at is not None and at - line.last_error_at <= limits.error
    if not line.last_error or not is_fresh:
        return []
    if line.last_error.startswith(REFUSING):
        return [Alarm("database_refused", {"detail": line.last_error})]
    if line.state == "connected" and line.last_error.startswith(HEALED):
        return []
    return [] if line.state == "failed" else [Alarm("error", {"detail": line.last_error})]


def _of_queues(line: LineHealth, at: datetime, limits: AlarmLimits) -> list[Alarm]:
    found = []
    if line.stopped_since is None and _is_over(at, line.oldest_unread_at, limits.unread):
        facts = {"count": line.unread, "minutes": _minutes(at, line.oldest_unread_at)}
        found.append(Alarm("unread", facts))
    if line.undelivered:
        found.append(Alarm("undelivered", {"count": line.undelivered}))
    if _is_over(at, line.oldest_queued_at, limits.queued):
        facts = {"count": line.queued, "minutes": _minutes(at, line.oldest_queued_at)}
        found.append(Alarm("queued", facts))
    if line.waiting >= limits.waiting:
        found.append(Alarm("waiting", {"count": line.waiting}))
    return found


def _of_traffic(line: LineHealth, limits: AlarmLimits) -> list[Alarm]:
    found = []
    is_understood = line.sessions or line.frames_accepted or line.messages
    if line.bytes_in >= limits.gibberish and not is_understood:
        found.append(Alarm("gibberish", {"count": line.bytes_in}))
    if line.window_refused >= limits.refused_least and line.refused_share > limits.refused_share:
        found.append(Alarm("refused_frames", {"percent": round(line.refused_share * 100)}))
    skew = line.clock_skew_seconds
    if skew is not None and abs(skew) > limits.clock_skew.total_seconds():
        found.append(Alarm("clock_skew", {"seconds": round(skew)}))
    return found


def _last_heard(line: LineHealth) -> datetime | None:
    return max((one for one in (line.last_byte_at, line.connected_since) if one), default=None)


def _is_over(at: datetime, since: datetime | None, limit: timedelta) -> bool:
    return since is not None and at - since > limit


def _minutes(at: datetime, since: datetime | None) -> int:
    return int((at - since).total_seconds() // 60) if since else 0
