"""What a visitor of quality finds: a monitor in use, a signed study, a nonconformity in work, risks, figures.

Everything is done by the people of the region through the real actions, in the weeks of `past`.
"""

import logging
from datetime import date, datetime, timedelta
from decimal import Decimal

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.actions import (
    DesignAsked,
    activate_monitor,
    ask_design,
    close_alarm,
    finish_design,
    start_design,
)
from aliquot.flow.quality.models import MonitorAlarm, PatientMonitor
from aliquot.flow.results.queries.numbers import numbers_of
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.oversight.comparability.actions import compare_month
from aliquot.oversight.improvement import actions as improvement
from aliquot.oversight.improvement.models import Nonconformity, Risk
from aliquot.oversight.improvement.rules.risks import Rating
from aliquot.oversight.insight.actions import count_due_days, note_due_days
from aliquot.oversight.studies.actions import (
    Gathered,
    Planned,
    Signature,
    digest_to_sign,
    gather_data,
    plan_study,
    sign_study,
)
from aliquot.oversight.studies.jobs import run_evaluation
from aliquot.oversight.studies.models import EvaluationStudy
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site
from aliquot.registers.people.actions import DEMO_PASSWORD

log = logging.getLogger("aliquot.demonstration")
WATCHED = ("C311", "NA")
TEA, ALARMS_PER_DAY = 0.02, 0.2
DESPITE = "в демонстрации мало проб за день; важно увидеть сдвиг"
STUDIED = ("C311", "K")
MOST_DAYS = 60


def switch_monitor_on(days: int, program: Actor, quality: Actor, *, at: datetime) -> PatientMonitor | None:
    """A monitor designed on the last days, signed, that tells only; None where these results are too few."""
    from aliquot.entrypoints.designing.trial import tried  # NumPy and SciPy

    with acting(quality):
        analyzer, test = _pair(WATCHED)
        asked = DesignAsked(days, TEA, ALARMS_PER_DAY)
        design = ask_design(analyzer, test, asked, by=quality, at=at)
        start_design(design, by=program, at=at)
        history = numbers_of(
            design.laboratory_id, analyzer.pk, test.pk, since=design.since, until=at, inclusion={}
        )
        try:
            candidates, failed = tried(design, history, beat=lambda _done, _total: None)
            draft = finish_design(design, candidates, failed, by=quality, at=at)
        except Refused as refusal:
            log.warning("no monitor came of the weeks before: %s", refusal)
            return None
        return activate_monitor(draft, despite=DESPITE, blocks=False, by=quality, at=at)


def answer_alarms(technologist: Actor, *, at: datetime) -> int:
    """Answer the alarms that are open: a calibration had moved; how many."""
    with acting(technologist):
        found = list(MonitorAlarm.objects.filter(closed_at=None).order_by("id"))
        words = "калибровка ISE повторена свежим калибратором, пробы перемерены"
        for one in found:
            close_alarm(one, cause="calibration", action=words, by=technologist, at=at)
    return len(found)


def work_nonconformity(hub: Site, technologist: Actor, quality: Actor, *, at: datetime) -> Nonconformity:
    """One that is in work: contained, its cause found, one of two actions done."""
    with acting(technologist):
        alarm = MonitorAlarm.objects.order_by("id").first()
    about = improvement.Happening(
        "monitor_alarm" if alarm else "other",
        "Натрий на cobas c 311 два дня завышался, контроль этого не показал.",
        alarm.pk if alarm else None,
        severity=2,
    )
    with acting(technologist):
        made = improvement.raise_nonconformity(about, hub, by=technologist, at=at)
    with acting(quality):
        contained = improvement.Containment(
            "Пробы двух дней перемерены на резервном анализаторе.",
            "possible",
            severity=2,
            probability=3,
        )
        improvement.contain_nonconformity(made.pk, contained, by=quality, at=at + timedelta(hours=1))
        whys = ("калибратор вскрыт дольше срока", "дата вскрытия не записана")
        analysis = improvement.Analysis("measurement", whys, "Калибратор ISE применяли после срока вскрытия.")
        improvement.find_cause(made.pk, analysis, by=quality, at=at + timedelta(hours=3))
        day = hub.day_of(at)
        plan = improvement.Plan(
            _actions(technologist, day), "месяц без тревог по натрию", day + timedelta(days=30)
        )
        found = improvement.plan_actions(made.pk, plan, by=quality, at=at + timedelta(hours=4))
        first = found.actions.order_by("id").first()
        assert first is not None
    with acting(technologist):
        words = "на флаконы клеится этикетка с датой"
        improvement.finish_action(first.pk, words, by=technologist, at=at + timedelta(hours=6))
    return found


def _actions(owner: Actor, day: date) -> list[improvement.Planned]:
    return [
        improvement.Planned(
            "Записывать дату вскрытия калибратора на флаконе", owner.key, day + timedelta(days=3)
        ),
        improvement.Planned("Внести срок вскрытия в анализатор", owner.key, day + timedelta(days=10)),
    ]


def finish_study(since: datetime, technologist: Actor, doctor: Actor, *, at: datetime) -> EvaluationStudy:
    """The uncertainty of a test from the controls of these weeks, evaluated and signed."""
    with acting(technologist):
        analyzer, test = _pair(STUDIED)
    title = "Неопределённость измерения калия на cobas c 311"
    plan = {"allowable_expanded_percent": "6", "u_cal_percent": "0.8"}
    planned = Planned("uncertainty", title, plan, test=test, analyzer=analyzer)
    with acting(technologist):
        study = plan_study(analyzer.laboratory, planned, by=technologist, at=at)
        gather_data(study, Gathered(since, at), by=technologist, at=at)
    run_evaluation(study.pk)
    with acting(doctor):
        study.refresh_from_db()
        signature = Signature("метод пригоден для работы в этой лаборатории", digest_to_sign(study))
        return sign_study(study, signature, password=DEMO_PASSWORD, by=doctor, at=at)


def enter_risks(hub: Site, quality: Actor, *, at: datetime) -> list[Risk]:
    """Two risks with what stands against them."""
    review = hub.day_of(at) + timedelta(days=365)
    given = (
        (
            "reception",
            "Проба другого пациента под чужим номером",
            "ошибочное лечение",
            5,
            2,
            "сверка при приёме",
        ),
        (
            "transport",
            "Контейнер в пути дольше срока стабильности",
            "ложный калий",
            3,
            3,
            "срок в плане маршрута",
        ),
    )
    found = []
    with acting(quality):
        for step, hazard, harm, severity, probability, control in given:
            rating = Rating(severity, probability)
            risk = improvement.enter_risk(
                hub, improvement.Hazard(step, hazard, harm, rating, review), by=quality, at=at
            )
            improvement.add_control(risk.pk, control, "", by=quality, at=at)
            found.append(
                improvement.rate_risk(risk.pk, Rating(severity, 1), "мера действует", by=quality, at=at)
            )
    return found


def count_figures(hub: Site, program: Actor, *, at: datetime) -> None:
    """Indicators of the days that are over, and the comparison of the months that they lie in."""
    with acting(program):
        note_due_days(hub, by=program, at=at)
        count_due_days(hub, limit=MOST_DAYS, by=program, at=at)
        this = hub.day_of(at).replace(day=1)
        for month in ((this - timedelta(days=1)).replace(day=1), this):
            compare_month(month, by=program, at=at)


def _pair(codes: tuple[str, str]) -> tuple[Analyzer, Test]:
    analyzer, test = codes
    return (
        Analyzer.objects.select_related("laboratory").get(code=analyzer),
        Test.objects.get(code=test),
    )


def drifted(analyzer: str, test: str, days_ago: int) -> Decimal:
    """By which factor the watched test was measured wrong of patients: two days of a drift."""
    return Decimal("1.025") if (analyzer, test) == WATCHED and days_ago in {2, 3} else Decimal(1)
