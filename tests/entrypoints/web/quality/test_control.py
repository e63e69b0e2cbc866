"""The board, the chart with its answer, values by hand and set aside; materials, lots, targets, plans."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from aliquot.flow.quality.actions import Level, begin_lot
from aliquot.flow.quality.models import (
    ControlLot,
    ControlMaterial,
    ControlPlan,
    ControlResult,
    ControlTarget,
    ControlViolation,
)
from aliquot.foundation.context import acting
from aliquot.oversight.improvement.models import Nonconformity
from tests.flow.quality.benches import Controlled, make_controlled
from tests.regions import Region
from tests.web import signed_in

CHART = "/quality/control/XN-QC/HGB/"


@pytest.fixture
def bench(region: Region) -> Controlled:
    """Controlled since two days before the hour that the clock of the pages shows."""
    return make_controlled(region, at=timezone.now() - timedelta(hours=30), every_minutes=2880)


@pytest.fixture
def quality(region: Region) -> Client:
    return signed_in("quality")


@pytest.fixture
def technologist(region: Region) -> Client:
    return signed_in("technologist")


def words(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def open_ids() -> list[int]:
    return list(
        ControlViolation.objects.filter(is_rejection=True, closed_at=None).values_list("pk", flat=True)
    )


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_opens_in_both_languages(bench: Controlled, language: str) -> None:
    for z in ((0.4, -0.2), (2.4, 0.3), (0.1, 3.4)):
        bench.run(*z)
    bench.send("QC-NEW", "14.0", control=True)
    bench.read()
    client = signed_in("quality", language=language)
    material = ControlMaterial.objects.get().pk
    for path in (
        "", "control/XN-QC/HGB/", "control/XN-QC/HGB/?span=60r", "control/XN-QC/WBC/", "control/XN-QC/HGB/targets/",
        "control/XN-QC/HGB/plan/", "control/XN-QC/HGB/plan/?allowable=7&cv=1,3&bias=0.5&set=sigma", "plans/",
        "materials/", f"materials/{material}/", "unfiled/",
    ):  # fmt: skip
        assert "<h1" in words(client, f"/quality/{path}")


def test_what_stops_results_stands_first_on_the_board(bench: Controlled, technologist: Client) -> None:
    bench.run(0.1, 0.2)
    assert "Nothing waits for you" in words(technologist, "/quality/")
    bench.run(0.1, 3.4)
    bench.send("QC-NEW", "14.0", control=True)
    bench.read()
    page = words(technologist, "/quality/")
    assert page.index("rejected run") < page.index("no lot")
    assert CHART in page
    assert "out of control" in page


def test_a_run_that_did_not_come_is_overdue(region: Region) -> None:
    bench = make_controlled(region, at=timezone.now() - timedelta(hours=3), every_minutes=60)
    technologist = signed_in("technologist")
    bench.run(0.1, 0.2)
    assert "run overdue" in words(technologist, "/quality/")
    bench.run(0.1, 0.2, hours=2)
    assert "run overdue" not in words(technologist, "/quality/")


def test_the_chart_names_the_broken_rule_what_it_means_and_where_to_look(
    bench: Controlled, technologist: Client
) -> None:
    bench.run(0.1, 0.2)
    bench.run(0.3, 3.4)
    page = words(technologist, CHART)
    assert 'class="lj-rule lj-rejection">1-3s</text>' in page
    assert "One value lies more than 3 SD from its mean." in page
    assert "Random error: look for bubbles" in page
    assert "In doubt: results measured since the last good run" in page
    assert "look-backs" not in page  # a technologist recalls nothing


def test_a_doctor_looks_back_from_the_failed_control(bench: Controlled) -> None:
    bench.run(0.1, 0.2)
    bench.run(0.3, 3.4)
    page = words(signed_in("doctor"), CHART)
    assert "/corrections/look-backs/new/?failure=" in page


@pytest.mark.parametrize(
    ("language", "ask", "asked"),
    [
        ("en", "Ask the doctor to look back", "The doctor has it among the look-backs."),
        (
            "ru",
            "Попросить врача проверить прошлые результаты",
            "Врач видит это среди ретроспективных проверок.",
        ),
    ],
)
def test_who_may_not_recall_asks_the_doctor_with_one_key(
    bench: Controlled, language: str, ask: str, asked: str
) -> None:
    bench.run(0.1, 0.2)
    bench.run(0.3, 3.4)
    manager, doctor = signed_in("quality", language=language), signed_in("doctor")
    assert ask in words(manager, CHART)
    assert ask not in words(doctor, CHART)
    with acting(bench.region.worker):
        (pk,) = open_ids()
    given = {"source": "control_violation", "subject": pk}
    assert manager.post("/quality/raise/look-back/", given).headers["Location"] == CHART
    assert asked in words(manager, CHART)
    listed = words(doctor, "/corrections/look-backs/")
    assert "XN-QC HGB 1-3s" in listed
    refused = manager.post("/quality/raise/look-back/", given, follow=True).content.decode()
    assert "2026-0001" in refused
    with acting(bench.region.worker):
        assert Nonconformity.objects.count() == 1


@pytest.mark.usefixtures("bench")
def test_nobody_looks_back_for_what_is_no_failure_of_measurement() -> None:
    manager = signed_in("quality")
    address = "/quality/raise/look-back/"
    assert manager.post(address, {"source": "other", "subject": "1"}).status_code == 404
    assert manager.post(address, {"source": "control_violation", "subject": "999999"}).status_code == 404
    assert manager.get(address).status_code == 405


def test_cause_and_action_answer_what_is_open_and_a_good_run_resumes(
    bench: Controlled, technologist: Client
) -> None:
    bench.run(0.1, 3.4)
    refused = technologist.post(f"{CHART}answer/", {"violation": open_ids(), "cause": "", "action": " "})
    assert refused.status_code == 422
    assert "Choose what was found." in refused.content.decode()
    said = {"violation": open_ids(), "cause": "reagent", "action": "new bottle"}
    kept = technologist.post(f"{CHART}answer/", said, follow=True)
    assert "Measure the controls again" in kept.content.decode()
    assert not open_ids()
    bench.run(0.1, 0.2)
    assert bench.standing() == "in_control"
    page = words(technologist, CHART)
    assert "Out of control" not in page
    assert "new bottle" in page


def test_what_another_person_answered_is_not_answered_twice(bench: Controlled, technologist: Client) -> None:
    bench.run(0.1, 3.4)
    said = {"violation": open_ids(), "cause": "reagent", "action": "new bottle"}
    technologist.post(f"{CHART}answer/", said)
    again = technologist.post(f"{CHART}answer/", said)
    assert again.status_code == 422


def test_a_value_set_aside_is_hollow_and_says_why(bench: Controlled, technologist: Client) -> None:
    run = bench.run(0.1, 2.4)
    wrong = run.controlresult_set.get(lot__level=2)
    said = {"result": wrong.pk, "reason": "level 1 stood there"}
    assert technologist.post(f"{CHART}aside/", {**said, "reason": ""}).status_code == 422
    technologist.post(f"{CHART}aside/", said)
    page = words(technologist, CHART)
    assert "lj-aside" in page
    assert "level 1 stood there" in page


def test_a_control_is_entered_by_hand_with_a_comma(bench: Controlled, technologist: Client) -> None:
    field = f"value_{bench.lots[1].pk}"
    at = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    assert technologist.post(f"{CHART}enter/", {"measured_at": at}).status_code == 422
    assert technologist.post(f"{CHART}enter/", {"measured_at": at, field: "eighty"}).status_code == 422
    assert technologist.post(f"{CHART}enter/", {"measured_at": at, field: "81,5"}).status_code == 302
    assert str(ControlResult.objects.get().z) == "0.7500000000"


def test_lots_and_targets_are_drawn_where_they_change(bench: Controlled, quality: Client) -> None:
    for _ in range(3):
        bench.run(0.2, 0.1)
    said = {"how": "fixed", "lot": bench.lots[1].pk, "mean": "80,5", "sd": "2,1"}
    assert quality.post(f"{CHART}targets/take/", said).status_code == 302
    bench.at = timezone.now()
    bench.run(0.2, 0.1)
    assert "new target" in words(quality, CHART)


def test_a_target_is_established_from_twenty_runs_and_not_from_few(
    bench: Controlled, quality: Client
) -> None:
    for number in range(9):
        bench.run(0.5 * (-1) ** number, 0.2 * (-1) ** number, hours=1)
    said = {"how": "established", "lot": bench.lots[1].pk}
    refused = quality.post(f"{CHART}targets/take/", said)
    assert (refused.status_code, "are too few" in refused.content.decode()) == (422, True)
    for number in range(11):
        bench.run(0.5 * (-1) ** number, 0.2 * (-1) ** number, hours=1)
    assert quality.post(f"{CHART}targets/take/", said).status_code == 302
    target = ControlTarget.objects.get(lot=bench.lots[1], until=None)
    assert (target.origin, target.runs) == ("established", 20)
    assert abs(target.mean - 80) < 1


def test_a_target_that_a_person_renews_again_and_again_does_not_follow_a_drift(
    region: Region, quality: Client
) -> None:
    began = timezone.now() - timedelta(hours=60)
    bench = make_controlled(region, at=began, rules=("1-3s",), every_minutes=2880)
    said = {"how": "floating", "lot": bench.lots[1].pk}
    for mean, status in ((0.8, 302), (1.3, 422)):
        for number in range(20):
            bench.run(mean + 0.5 * (-1) ** number, 0.2 * (-1) ** number, hours=1)
        answer = quality.post(f"{CHART}targets/take/", said)
        assert answer.status_code == status
    assert "a target must not follow a drift" in answer.content.decode()


def test_the_russian_series_is_held_against_the_limits_of_the_test(
    bench: Controlled, quality: Client
) -> None:
    for number in range(19):
        bench.run(0.5 * (-1) ** number, 0.2 * (-1) ** number, hours=1)
    said = {"how": "gost", "lot": bench.lots[1].pk, "cv10": "2", "cv20": "2"}

    def refused(**changes: str) -> str:
        answer = quality.post(f"{CHART}targets/take/", {**said, **changes})
        assert answer.status_code == 422
        return answer.content.decode()

    assert "19 series are measured; 1 more follow." in refused()
    bench.run(0.5, 0.2)
    assert "above the limit CV20 of 1 %" in refused(cv20="1")
    assert "field-error" in refused(cv10="")
    assert "beyond the limit B20 of 3 %" in refused(assigned="76", b10="20", b20="3")
    assert "field-error" in refused(assigned="80")
    accepted = {**said, "assigned": "80", "b10": "3", "b20": "3,5", "cv20": "2,0"}
    assert quality.post(f"{CHART}targets/take/", accepted).status_code == 302
    target = ControlTarget.objects.get(lot=bench.lots[1], until=None)
    assert (target.origin, target.runs) == ("established", 20)
    assert target.note == "GOST R 53133.2: CV10 2 %, CV20 2 %, B10 3 %, B20 3.5 %"


def test_the_next_lot_takes_its_target_from_the_overlap(bench: Controlled, quality: Client) -> None:
    material = ControlMaterial.objects.get()
    began = bench.at
    with acting(bench.manager):
        new = begin_lot(material, "A2", [Level(1, ("A2-1",))], by=bench.manager, at=began)[0]
    for number in range(11):
        bench.run(0.4 * (-1) ** number, 0.2 * (-1) ** number)
        bench.send("A2-1", f"{9.0 + 0.05 * (-1) ** number:.2f}", control=True)
        bench.read()
    page = words(quality, f"{CHART}targets/")
    assert "Overlap with lot A1" in page
    assert quality.post(f"{CHART}targets/take/", {"how": "transferred", "lot": new.pk}).status_code == 302
    target = ControlTarget.objects.get(lot=new)
    assert (target.origin, target.runs, round(target.mean)) == ("transferred", 11, 90)
    assert target.sd == round(target.mean * 2 / 80, 6)  # the CV of the lot before


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"how": "range", "low": "76", "high": "84"}, ("fixed", "80.000000", "2.000000")),
        ({"how": "peer", "mean": "80", "sd": "3", "laboratories": "12"}, ("peer", "80.000000", "3.000000")),
        ({"how": "fixed", "mean": "80", "sd": "0"}, None),
        ({"how": "range", "low": "84", "high": "76"}, None),
        ({"how": "peer", "mean": "80", "sd": "3", "laboratories": "4"}, None),
        ({"how": "established"}, None),
        ({"how": "fixed", "mean": "eighty", "sd": "2"}, None),
    ],
)
def test_a_person_says_a_target_or_learns_why_not(
    bench: Controlled, quality: Client, said: dict[str, str], kept: tuple[str, ...] | None
) -> None:
    answer = quality.post(f"{CHART}targets/take/", {**said, "lot": bench.lots[1].pk})
    target = ControlTarget.objects.get(lot=bench.lots[1], until=None)
    if kept is None:
        assert (answer.status_code, target.by) == (422, bench.manager.key)
        assert "refusal" in answer.content.decode() or "field-error" in answer.content.decode()
    else:
        assert (target.origin, str(target.mean), str(target.sd)) == kept


def test_a_material_its_lot_and_its_end(bench: Controlled, quality: Client) -> None:
    made = quality.post("/quality/materials/", {"name": "Chemistry control"})
    path = made.headers["Location"]
    assert quality.post("/quality/materials/", {"name": "Chemistry control"}).status_code == 422
    taken = {"number": "C1", "levels": "2", "codes_1": "QC-L1", "codes_2": "CC2"}
    assert "Blood control" in quality.post(path, taken).content.decode()
    assert quality.post(path, {**taken, "codes_1": "CC1, CC-1"}).status_code == 302
    assert ControlLot.objects.get(number="C1", level=1).codes == ["CC1", "CC-1"]
    assert "CC-1" in words(quality, path)
    quality.post(f"{path}end/", {"number": "C1"})
    assert not ControlLot.objects.filter(number="C1", ended_at=None).exists()


def test_what_belongs_to_no_lot_is_filed_by_one_action(bench: Controlled, quality: Client) -> None:
    bench.send("QC-NEW", "8.1", control=True)
    bench.read()
    page = words(quality, "/quality/unfiled/")
    assert "QC-NEW" in page
    said = {"code": "QC-NEW", "lot": bench.lots[1].pk}
    kept = quality.post("/quality/unfiled/", said, follow=True).content.decode()
    assert "1 value was filed." in kept
    assert "QC-NEW" not in kept
    assert ControlResult.objects.get().lot == bench.lots[1]
    refused = quality.post("/quality/unfiled/", {"code": "QC-L2", "lot": bench.lots[1].pk})
    assert refused.status_code == 422


def test_rules_follow_from_the_sigma_of_the_test(bench: Controlled, quality: Client) -> None:
    asked = f"{CHART}plan/?allowable=7&bias=0,5&cv=1,3&set=sigma"
    page = words(quality, asked)
    assert "5.00 σ" in page
    assert 'value="1-3s, 2-2s, R-4s"' in page
    gost = words(quality, f"{CHART}plan/?set=gost")
    assert 'value="1-3s, 2-2s, R-4s, 4-1s, 10-x"' in gost
    said = {
        "rules": "1-3s/2-2s, R-4s", "warnings": "", "levels": "2", "run_minutes": "60", "every_minutes": "480",
        "every_results": "", "resume": "acted", "sigma": "5.0", "note": "",
    }  # fmt: skip
    assert quality.post(f"{CHART}plan/", {**said, "rules": "1-9q"}).status_code == 422
    assert quality.post(f"{CHART}plan/", said).status_code == 302
    plan = ControlPlan.objects.get(until=None)
    assert (plan.rules, plan.warnings, str(plan.sigma)) == (["1-3s", "2-2s", "R-4s"], [], "5.00")


def test_one_plan_serves_every_test_of_the_analyzer(bench: Controlled, quality: Client) -> None:
    said = {"rules": "1-3s", "levels": "2", "run_minutes": "60", "resume": "acted", "others": "on"}
    refused = quality.post(f"{CHART}plan/", said)
    assert (refused.status_code, "Say when a run is due" in refused.content.decode()) == (422, True)
    quality.post(f"{CHART}plan/", {**said, "every_minutes": "480"})
    plans = ControlPlan.objects.filter(until=None)
    assert plans.count() > 5
    assert {tuple(one.rules) for one in plans} == {("1-3s",)}
    quality.post(f"{CHART}plan/end/")
    assert not ControlPlan.objects.filter(until=None, test=bench.test).exists()


def test_another_laboratory_and_other_people_see_nothing(bench: Controlled) -> None:
    assert signed_in("nurse").get("/quality/").status_code == 403
    assert signed_in("technologist").get("/quality/control/NONE/HGB/").status_code == 404
    technologist = signed_in("technologist")
    taken = technologist.post(
        f"{CHART}plan/", {"rules": "1-3s", "levels": 2, "run_minutes": 60, "resume": "acted"}
    )
    assert taken.status_code == 403


def test_the_title_says_where_one_is(bench: Controlled, technologist: Client) -> None:
    assert "<title>Control · Aliquot</title>" in words(technologist, "/quality/")
    assert "<title>HGB, XN-QC · Control · Aliquot</title>" in words(technologist, CHART)


def test_a_unit_is_read_in_the_language_of_the_page(bench: Controlled) -> None:
    bench.run(0.1, 0.2)
    assert "g/L (+0.10 SD)" in words(signed_in("quality"), CHART)
    assert "г/л (+0,10 СКО)" in words(signed_in("quality", language="ru"), CHART)
    assert "г/л" in words(signed_in("quality", language="ru"), f"{CHART}targets/")


def test_the_scale_of_the_chart_stands_at_both_ends(bench: Controlled, technologist: Client) -> None:
    bench.run(0.1, 0.2)
    chart = words(technologist, CHART).partition('class="chart lj"')[2].partition("</svg>")[0]
    assert chart.count('class="lj-scale">+3</text>') == 2
