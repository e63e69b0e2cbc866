"""A specimen from the order to the corrected report: real processes, real sockets, a real browser, no mouse.

The tests of this file are the steps of one journey, in order, on one region.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from aliquot.flow.specimens.actions import collect_specimens
from aliquot.flow.specimens.rules.numbering import specimen_number
from aliquot.foundation.context import acting
from aliquot.registers.patients.models import Patient
from tests.factories import make_order
from tests.flow.reports.released import release
from tests.journeys.papers import bar_codes, from_the_clinics_system, text_of
from tests.journeys.stage import CLOCK, Stage, choose_test, read, scan, words
from tests.processes import wait_for
from tests.regions import one_with

pytestmark = pytest.mark.journey

FAMILY, GIVEN, PATRONYMIC = "Ковылёва", "Раиса", "Тимофеевна"
AMENDED = "Measured again from a second tube"
REQUESTER = "Dr. Malakhov"
BLOOD = {
    "WBC": "6.1", "RBC": "4.5", "HGB": "135", "HCT": "40.5", "MCV": "90", "MCH": "30", "MCHC": "333",
    "RDWCV": "13.1", "PLT": "240", "MPV": "9.9",
}  # fmt: skip
SERUM = {"NA": "150", "K": "6.9", "CREA": "30", "ALT": "21", "AST": "19"}
THYROID = {"TSH": "2.1"}
ORDERED = ("CBC", *SERUM, *THYROID)
EARLIER_SODIUM = "140"


def test_the_nurse_registers_and_orders(stage: Stage) -> None:
    page = stage.page_of("nurse")
    page.goto("/ordering/")
    page.keyboard.press("Alt+n")
    page.wait_for_url("**/patients/new/")
    for typed in (FAMILY, GIVEN, PATRONYMIC, "14031986"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/order/")
    expect(page.locator("body")).to_contain_text("The patient is registered.")
    for code in ORDERED:
        choose_test(page, code, code)
    page.fill("#id_requester", REQUESTER)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/collection/orders/**")
    stage.kept["order"] = last_part(page)
    tubes = dict(
        stage.live.look("SELECT c.code, s.number FROM specimen s JOIN container c ON c.id = container_id")
    )
    assert set(page.locator(".rack-number").all_inner_texts()) == set(tubes.values())
    stage.kept |= {"blood": tubes["EDTA"], "serum": tubes["SST"]}
    assert stage.live.look("SELECT placed_by, requester FROM lab_order") == [("person:1:nurse", REQUESTER)]


def test_the_printed_bar_codes_are_the_tubes_numbers(stage: Stage) -> None:
    page = stage.page_of("nurse")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    address = f"/collection/orders/{stage.kept['order']}/labels/"
    for form in ("pdf", "sheet"):
        sent: dict[str, str | float | bool] = {"csrfmiddlewaretoken": token, "form": form}
        answer = page.request.post(address, form=sent, headers={"Referer": page.url})
        assert answer.headers["content-type"] == "application/pdf"
        assert bar_codes(answer.body()) == {stage.kept["blood"], stage.kept["serum"]}
    page.goto("/collection/")
    expect(page.locator("#day")).to_contain_text(FAMILY)
    expect(page.locator("#day")).to_contain_text("labels printed")


def test_the_nurse_draws_with_a_time_of_her_own(stage: Stage) -> None:
    page = stage.page_of("nurse")
    page.keyboard.type(stage.kept["order"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/collection/orders/**")
    drawn = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=40)
    page.keyboard.press("Alt+i")
    page.fill("#id_collected_at", drawn.astimezone(CLOCK).strftime("%Y-%m-%dT%H:%M"))
    for number in (stage.kept["serum"], stage.kept["blood"]):
        scan(page, number)
    expect(page.locator("body")).to_contain_text("All tubes are drawn")
    assert stage.live.look("SELECT DISTINCT collected_at FROM specimen") == [(drawn,)]
    page.goto("/collection/centrifuge/")
    scan(page, stage.kept["serum"])
    expect(page.locator("#to-spin")).to_contain_text("Nothing waits for the centrifuge")


def test_the_box_is_packed_closed_and_carried(stage: Stage) -> None:
    stage.kept["foreign"] = stage.in_python(lambda: drawn_elsewhere(stage))
    page = stage.page_of("nurse")
    page.goto("/collection/boxes/")
    page.keyboard.press("1")
    page.wait_for_url(re.compile("/collection/boxes/B"))
    stage.kept["box"] = last_part(page)
    for number in (stage.kept["serum"], stage.kept["blood"]):
        scan(page, number, "Packed")
    page.keyboard.press("Alt+c")
    page.wait_for_url("**/manifest/")
    expect(page.locator(".manifest")).to_contain_text(stage.kept["blood"])
    expect(page.locator("body")).not_to_contain_text(FAMILY)

    courier = stage.page_of("courier")
    courier.goto("/transport/")
    scan(courier, stage.kept["box"], "Picked up")
    expect(courier.locator("#road")).to_contain_text(stage.kept["box"])
    scan(courier, stage.kept["box"], "Handed over")
    assert FAMILY not in words(courier)


def test_reception_names_what_lacks_and_what_is_strange(stage: Stage) -> None:
    page = stage.page_of("reception")
    page.goto("/reception/")
    read(page, stage.kept["box"])
    page.wait_for_url(f"**/reception/boxes/{stage.kept['box']}/")
    scan(page, stage.kept["serum"], "Received.")
    scan(page, stage.kept["foreign"], "Extra: on no list")
    scan(page, specimen_number("7299", 7), "another region")
    page.keyboard.press("F8")
    lacking = page.get_by_role("region", name="Missing from this box")
    expect(lacking).to_contain_text(stage.kept["blood"])
    expect(lacking).not_to_contain_text(stage.kept["serum"])
    expect(page.get_by_role("region", name="Extra in this box")).to_contain_text(stage.kept["foreign"])


def test_the_missing_tube_arrives_by_hand(stage: Stage) -> None:
    page = stage.page_of("reception")
    page.goto("/reception/missing/")
    expect(page.get_by_role("region", name="Missing tubes")).to_contain_text(stage.kept["blood"])
    page.keyboard.press("F2")
    page.wait_for_url("**/reception/")
    scan(page, stage.kept["blood"], f"It was packed in box {stage.kept['box']}.")
    page.keyboard.press("F7")
    page.wait_for_url("**/missing/")
    expect(page.locator("body")).to_contain_text("No tube is missing")


def test_one_test_is_rejected_and_the_clinic_sees_it(stage: Stage) -> None:
    page = stage.page_of("reception")
    page.goto("/reception/acceptance/")
    with page.expect_navigation():
        page.keyboard.press("F9")
    assert stage.one("SELECT count(*) FROM specimen WHERE state = 'accepted'") == 3
    page.goto(f"/reception/tubes/{stage.kept['serum']}/")
    page.locator("#test-AST").focus()
    page.keyboard.press("Space")
    page.keyboard.press("/")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("Haemolysed")
    page.keyboard.press("Alt+x")
    expect(page.locator("#tube")).to_contain_text("Haemolysed.")

    nurse = stage.page_of("nurse")
    nurse.goto("/collection/")
    again = nurse.get_by_role("region", name="To be drawn again")
    for said in (FAMILY, stage.kept["serum"], "AST", "Haemolysed", "Draw again without force; mix gently"):
        expect(again).to_contain_text(said)
    again.get_by_role("button", name="Draw again").press("Enter")
    nurse.wait_for_url("**/collection/orders/**")
    expect(nurse.locator("#rack")).to_contain_text("drawn again")
    stage.kept["second"] = stage.one("SELECT number FROM specimen WHERE replaces_id IS NOT NULL")
    expect(nurse.locator("#rack")).to_contain_text(stage.kept["second"])


def test_analyzers_ask_and_upload(stage: Stage) -> None:
    stage.in_python(lambda: earlier_sodium(stage))
    assert stage.measure("sysmex_xn", [stage.kept["blood"]], BLOOD) == len(BLOOD)
    assert (
        stage.measure("roche_cobas_c311", [stage.kept["serum"]], SERUM) == 4
    )  # nobody wants AST of this tube
    assert stage.measure("siemens_immulite2000", [stage.kept["serum"]], THYROID) == 1
    decided = "SELECT count(*) FROM result JOIN lab_order o ON o.id = order_id WHERE number = %s AND decided_at IS NOT NULL"
    wait_for(lambda: stage.one(decided, stage.kept["order"]) == 15, "every result is decided")
    rows = stage.live.look(
        "SELECT t.code FROM result r JOIN test t ON t.id = test_id JOIN lab_order o ON o.id = order_id"
        " WHERE r.state = 'held' AND o.number = %s ORDER BY 1",
        stage.kept["order"],
    )
    assert [code for (code,) in rows] == ["CREA", "K", "NA"]
    assert (
        stage.one(
            "SELECT count(*) FROM result WHERE is_automatic AND state = 'released' AND released_by LIKE 'system:%%'"
        )
        >= 12
    )


def test_the_doctor_sees_why_each_waits(stage: Stage) -> None:
    page = stage.page_of("doctor")
    page.goto("/bench/verify/")
    card = page.locator("#card")
    for said in (
        FAMILY,
        "6.9",
        "critical: must be told",
        "Critical value: 6.9, limit 6.2. Tell the requester.",
    ):
        expect(card).to_contain_text(said)
    page.keyboard.press("n")
    expect(card.locator(".verify-test")).not_to_contain_text("Potassium")
    told = ""
    for (result,) in stage.live.look("SELECT id FROM result WHERE state = 'held'"):
        page.goto(f"/bench/verify/?result={result}")
        told += card.locator(".verify-reasons").inner_text()
    assert "Changed by 7.1 % from 140 in 1 d; the limit is 5 %." in told
    assert "Outside the interval, and no limit says what is credible." in told


def test_the_critical_value_is_told_and_read_back(stage: Stage) -> None:
    page = stage.page_of("doctor")
    page.goto("/bench/verify/")
    page.keyboard.press("t")
    page.wait_for_url("**/bench/calls/**")
    expect(page.locator("#card")).to_contain_text(REQUESTER)
    for read_back, answer in (("9.6", "does not hold the value 6.9"), ("6.9", "Nobody has to be called")):
        page.get_by_label("Told to").focus()
        page.keyboard.press("Control+a")
        page.keyboard.type("Nurse Orlova")
        page.keyboard.press("Tab")
        page.keyboard.press("Control+a")
        page.keyboard.type(read_back)
        expect(page.get_by_label("Told to")).to_have_value("Nurse Orlova")
        expect(page.get_by_label("Read back to you")).to_have_value(read_back)
        page.keyboard.press("Enter")
        expect(page.locator("#card")).to_contain_text(answer)
        expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    call = "SELECT state, told_to, read_back, closed_by FROM critical_call"
    assert stage.live.look(call) == [("closed", "Nurse Orlova", "6.9", key_of(stage, "doctor"))]


def test_of_two_doctors_the_second_is_told_who_was_first(stage: Stage) -> None:
    first, second = stage.page_of("doctor"), stage.page_of("director")
    for page in (first, second):
        page.goto("/bench/verify/")
        expect(page.locator("#card")).to_contain_text("6.9")
    expect(second.locator("#card")).to_contain_text("Irina Belozyorova looks at this result")
    first.keyboard.press("r")
    expect(first.locator("#toasts")).to_contain_text("Released: K 6.9")
    second.keyboard.press("r")
    expect(second.locator("#card")).to_contain_text(re.compile(r"released\s*Irina Belozyorova"))
    assert stage.one("SELECT count(*) FROM result r JOIN test t ON t.id = test_id WHERE t.code = 'K'") == 1


def test_the_doctor_releases_the_rest_by_keyboard(stage: Stage) -> None:
    page = stage.page_of("doctor")
    for left in (1, 0):
        page.goto("/bench/verify/")
        page.keyboard.press("r")
        wait_for(lambda left=left: held(stage) == left, f"{left} wait")  # type: ignore[misc]
    expect(page.locator("#card")).to_contain_text("No result waits for a person")


def test_the_clinic_gives_up_the_last_test_and_has_its_report(stage: Stage) -> None:
    page = stage.page_of("nurse")
    page.goto(f"/ordering/orders/{stage.kept['order']}/")
    page.locator("[data-dialog='cancel-AST']").press("Enter")
    page.keyboard.type("The patient has left")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    wait_for(lambda: reports(stage) == [(1, "final")], "the report is released")
    page.goto("/reports/")
    expect(page.locator("#report-list")).to_contain_text(FAMILY)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/reports/{stage.kept['order']}/")
    row = page.get_by_role("row", name=re.compile("Potassium"))
    expect(row).to_contain_text("6.9")
    expect(row).to_contain_text("critical")
    page.keyboard.press("s")
    wait_for(lambda: stage.one("SELECT seen_by FROM report") == key_of(stage, "nurse"), "seen")


@pytest.mark.parametrize(
    ("language", "potassium", "name"), [("en", "6.9", "Potassium"), ("ru", "6,9", "Калий")]
)
def test_the_document_holds_the_values(stage: Stage, language: str, potassium: str, name: str) -> None:
    address = f"/reports/{stage.kept['order']}/1/{language}.pdf"
    answers = [stage.page_of("nurse").request.get(address) for _ in range(2)]
    assert answers[0].body() == answers[1].body()
    text = text_of(answers[0].body())
    for said in (FAMILY, name, potassium, stage.kept["order"]):
        assert said in text


def test_the_clinics_system_gets_it_by_fhir(stage: Stage) -> None:
    found = from_the_clinics_system(stage)
    assert found["DiagnosticReport"][0]["status"] == "final"
    potassium = [one for one in found["Observation"] if "2823-3" in str(one["code"])]
    assert [one["valueQuantity"]["value"] for one in potassium] == [6.9]
    assert {one["status"] for one in potassium} == {"final"}


def test_an_amended_result_shows_both_values(stage: Stage) -> None:
    page = stage.page_of("doctor")
    result = stage.one("SELECT r.id FROM result r JOIN test t ON t.id = test_id WHERE t.code = 'K'")
    page.goto(f"/bench/results/{result}/")
    page.keyboard.press("a")
    page.keyboard.type("5.9")
    page.keyboard.press("Tab")
    page.keyboard.type(AMENDED)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Amended. The earlier value stays in sight.")
    wait_for(lambda: reports(stage) == [(1, "final"), (2, "corrected")], "the corrected report")

    nurse = stage.page_of("nurse")
    nurse.goto(f"/reports/{stage.kept['order']}/")
    corrected = nurse.get_by_role("region", name="What this report corrects")
    for said in ("Potassium", "6.9", "5.9"):
        expect(corrected).to_contain_text(said)
    expect(nurse.locator("body")).to_contain_text(AMENDED)
    text = text_of(nurse.request.get(f"/reports/{stage.kept['order']}/2/en.pdf").body())
    assert all(said in text for said in ("6.9", "5.9", AMENDED))
    found = from_the_clinics_system(stage)
    assert found["DiagnosticReport"][0]["status"] in {"amended", "corrected"}


def test_the_audit_says_who_and_why(stage: Stage) -> None:
    said = set(stage.live.look("SELECT table_name, operation, actor, reason FROM audit_block"))
    actors = {(table, operation, actor) for table, operation, actor, _ in said}
    nurse, doctor = key_of(stage, "nurse"), key_of(stage, "doctor")
    for table, operation, username in (
        ("patient", "insert", "nurse"),
        ("lab_order", "insert", "nurse"),
        ("box", "insert", "nurse"),
        ("box", "update", "courier"),
        ("box_item", "update", "reception"),
        ("specimen_test", "update", "reception"),
        ("critical_call", "update", "doctor"),
        ("result", "update", "doctor"),
        ("report", "update", "nurse"),
    ):
        assert (table, operation, key_of(stage, username)) in actors, (table, username)
    assert {actor for table, operation, actor in actors if (table, operation) == ("result", "insert")} == {
        "system:worker", doctor,
    }  # fmt: skip
    reasons = {(actor, reason) for _, _, actor, reason in said}
    assert {(doctor, AMENDED), (nurse, "The patient has left")} <= reasons
    told = stage.command("audit", "verify")
    assert told.returncode == 0, told.stdout
    assert "whole" in told.stdout


def test_the_doctor_of_the_installation_counts_the_same(stage: Stage) -> None:
    assert stage.counts() == {
        "specimens": stage.one("SELECT count(*) FROM specimen"),
        "results_received": 17,  # of three analyzers, of earlier, and the amended one
        "results_released": 16,
        "results_held": 0,
        "reports_released": 2,
        "messages_quarantined": 0,
    }


def key_of(stage: Stage, username: str) -> str:
    return stage.region.people[username].key


def held(stage: Stage) -> int:
    return int(stage.one("SELECT count(*) FROM result WHERE state = 'held'"))


def reports(stage: Stage) -> list[tuple[object, ...]]:
    return stage.live.look("SELECT version, kind FROM report ORDER BY version")


def last_part(page: Page) -> str:
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def drawn_elsewhere(stage: Stage) -> str:
    """A tube of another patient, drawn at the same clinic and packed by nobody."""
    now = datetime.now(UTC)
    order = make_order(stage.region, "GLUS", at=now)
    nurse = one_with(stage.region, "nurse", stage.region.clinic)
    with acting(nurse):
        number = order.specimens.get().number
        collect_specimens([number], collected_at=now, identity_confirmed=True, by=nurse, at=now)
    return str(number)


def earlier_sodium(stage: Stage) -> None:
    """An earlier result of the same patient, as another order left it."""
    earlier = datetime.now(UTC) - timedelta(days=2)
    with acting(stage.region.worker):
        patient = Patient.objects.get(family_name=FAMILY)
    order = make_order(stage.region, "NA", patient=patient, at=earlier)
    moments = dict.fromkeys(("collected_at", "measured_at", "recorded_at", "released_at"), earlier)
    release(stage.region, order, "NA", EARLIER_SODIUM, low=136, high=145, **moments)
