"""No address is forgotten: each is opened with a clinic's own ids by people who may not see that clinic."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from aliquot.entrypoints.api.callers import ATTEMPTS
from aliquot.flow.instruments.models import Message, Reading
from aliquot.flow.logistics.actions import close_box, open_box, pack_specimen
from aliquot.flow.logistics.models import Box
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.reports.actions import release_reports
from aliquot.flow.reports.models import Report
from aliquot.flow.results.models import CriticalCall, Result
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import NOBODY, acting
from aliquot.registers.network.models import Contact, Site
from aliquot.registers.patients.actions import merge_patients
from aliquot.registers.patients.models import Patient, PatientMerge
from aliquot.registers.people.models import Assignment
from tests.entrypoints.api.clients import basic, make_account
from tests.factories import NOW, make_accepted, make_order, make_patient, make_result, make_specimen
from tests.flow.quality.benches import make_controlled
from tests.flow.reports.released import release
from tests.regions import LOADER, Region, one_with
from tests.security.assessed import assessed_at
from tests.security.corrected import make_corrected
from tests.security.figures import figure_addresses
from tests.security.improved import improved_at
from tests.security.messaged import messaged
from tests.security.operated import operated_at
from tests.security.ruled import ruled
from tests.security.studied import study_addresses
from tests.security.unfiled import unfiled
from tests.security.watched import make_watched
from tests.web import signed_in

VALUE, REPORTED = "7.1349", "5.7731"
PEOPLE = ["other nurse", "rapid laboratory", "courier"]
SNILS, POLICY = "11223344595", "2200000000000020"


@dataclass(frozen=True, slots=True)
class Address:
    """One pattern of the resolver: its literal and parameter parts in order, its name, its parameters."""

    parts: tuple[str, ...]
    name: str
    parameters: tuple[str, ...]

    def kinds(self) -> Iterator[tuple[str, str]]:
        """Each parameter with the word that stands before it in the address."""
        before = ""
        for part in re.split(r"[/.]", "".join(self.parts)):
            if found := re.fullmatch(r"(?:<(?:\w+:)?(\w+)>)", part):
                yield before, found[1]
                before = found[1]
            elif part:
                before = part

    def __str__(self) -> str:
        return "/" + "".join(self.parts)


def addresses(
    resolver: URLResolver | None = None, above: tuple[str, ...] = (), space: str = ""
) -> Iterator[Address]:
    """Every pattern that the resolver knows."""
    for one in (resolver or get_resolver()).url_patterns:
        text = "<path:rest>" if isinstance(one.pattern, RegexPattern) else str(one.pattern)
        parts = (*above, text)
        if isinstance(one, URLResolver):
            yield from addresses(one, parts, f"{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern):
            yield Address(parts, f"{space}{one.name}", tuple(one.pattern.converters))


ADDRESSES = list(addresses())


@dataclass(slots=True)
class Clinic:
    """What belongs to the first clinic: a value for each kind of parameter, and what no stranger may read."""

    values: dict[tuple[str, str], object] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)

    def address(self, one: Address) -> str:
        """The address with this clinic's ids. Raises KeyError for a kind of parameter that nobody thought of."""
        path = str(one)
        for before, name in one.kinds():
            path = re.sub(rf"<(?:\w+:)?{name}>", str(self.values[before, name]), path, count=1)
        return path

    def form(self) -> dict[str, object]:
        """What a stranger could post: this clinic's numbers under every name that a form reads."""
        tube, order = self.values["tubes", "number"], self.values["orders", "number"]
        scanned = dict.fromkeys(("barcode", "number", "numbers", "tube", "specimen"), tube)
        said = dict.fromkeys(("reason", "note", "comment", "told_to", "read_back"), "said by a stranger")
        asked = {"q": "Берёзкина", "find": "Берёзкина", "order": order, "codes": "GLUS", "value": "9.9"}
        return {**scanned, **said, **asked, "result": self.values["results", "result_id"], "snils": SNILS}


@pytest.fixture
def clinic(region: Region) -> Clinic:
    """A patient of the first clinic with everything that may happen to one."""
    kept = make_patient(region, family_name="Сокровенная", snils=SNILS, policy_number=POLICY)
    merged = make_patient(region, family_name="Сокровенная-Вторая", birth_date=date(1951, 2, 3))
    tube = make_accepted(region, "GLUS", "K", patient=kept)
    result = make_result(region, tube, "K", VALUE)
    release(region, tube.order, "GLUS", REPORTED)
    make_order(region, patient=merged)
    boxed = make_specimen(region, "K", patient=kept)
    found = Clinic(numbers={tube.number, tube.order.number, boxed.number, boxed.order.number})
    box, call, rows = _packed(region, boxed), _called(region, result), unfiled(region, tube, VALUE)
    with acting(LOADER):
        contact = Contact.objects.create(
            site=region.clinic, function="ward", name_en="w", name_ru="w", phone="1"
        )
    with acting(region.worker):
        told = messaged()
        release_reports([tube.order_id], by=region.worker, at=NOW)
        report = Report.objects.get(order=tube.order)
    desk = one_with(region, "receptionist")
    with acting(desk):
        merge = merge_patients(kept, merged, reason="one person", by=desk, at=NOW)
    found.names = {"Сокровенная", kept.patronymic, merged.patronymic, SNILS, POLICY, VALUE, REPORTED}
    found.values = _values(region, tube, result, report, merge) | {
        ("merge", "other"): merged.pk,
        ("boxes", "number"): box.number,
        ("messages", "uid"): told.uid,
        ("lines", "peer"): told.line.peer,
        ("calls", "call_id"): call.pk,
        **make_corrected(region, result, report, VALUE),
        ("critical", "call_id"): call.pk,
        ("contacts", "pk"): contact.pk,
        **make_watched(region),
        **assessed_at(region, tube),
        **_controlled(region),
        **figure_addresses(),
        **study_addresses(region.hub),
        **improved_at(region, tube),
        **operated_at(region),
        **ruled(),
        **rows,
    }
    return found


def _values(
    region: Region, tube: Specimen, result: Result, report: Report, merge: PatientMerge
) -> dict[tuple[str, str], object]:
    order, patient = tube.order, merge.kept_id
    with acting(LOADER):
        ended = Assignment.objects.filter(site=region.clinic).order_by("id")[0]
    return {
        ("orders", "number"): order.number, ("tubes", "number"): tube.number, ("reports", "number"): order.number,
        ("patients", "pk"): patient, ("merges", "pk"): merge.pk, ("patients", "patient_id"): patient,
        ("tests", "code"): "GLUS", ("catalogue", "code"): "GLUS", ("sites", "code"): region.clinic.code,
        ("people", "username"): "nurse", ("end", "pk"): ended.pk,
        ("results", "result_id"): result.pk, ("worklist", "item_id"): result.order_item_id,
        ("number", "version"): report.version, ("version", "language"): "ru",
        ("DiagnosticReport", "key"): order.pk, ("Observation", "key"): order.items.get(test__code="GLUS").pk,
        ("ServiceRequest", "key"): f"{order.pk}-GLUS", ("Patient", "key"): patient,
        ("Specimen", "key"): tube.pk, ("Binary", "key"): f"{report.pk}-ru", ("fhir", "rest"): f"Patient/{patient}/x",
    }  # fmt: skip


def _packed(region: Region, tube: Specimen) -> Box:
    nurse = one_with(region, "nurse", region.clinic)
    with acting(nurse):
        box = open_box(origin=region.clinic, lane="room", by=nurse, at=NOW)
        pack_specimen(box, tube.number, by=nurse, at=NOW)
        close_box(box, by=nurse, at=NOW)
    return box


def _called(region: Region, result: Result) -> CriticalCall:
    whose = {
        name: getattr(result, name) for name in ("order", "patient_id", "ordering_site", "laboratory", "test")
    }
    with acting(region.worker):
        Result.objects.filter(pk=result.pk, state="recorded").update(state="held", flag="HH", decided_at=NOW)
        return CriticalCall.objects.create(result=result, opened_at=NOW, due_at=NOW, **whose)


def _controlled(region: Region) -> dict[tuple[str, str], object]:
    """A test that is controlled, with its material."""
    bench = make_controlled(region)
    return {
        ("control", "analyzer"): bench.analyzer.code,
        ("analyzer", "test"): bench.test.code,
        ("materials", "pk"): bench.lots[1].material_id,
    }


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody with a browser or an account, and what they may read about the clinic all the same."""

    who: str
    client: Client
    may_read: frozenset[str] = frozenset()


@pytest.fixture
def strangers(region: Region, clinic: Clinic) -> list[Stranger]:
    make_account("mis.other", region.other_clinic)
    ATTEMPTS.__init__()  # type: ignore[misc]  # nobody has guessed a password yet
    system = Client(headers={"Authorization": basic("mis.other")})
    people = [("other nurse", "nurse.yefremov"), ("rapid laboratory", "technologist.novomoskovsk")]
    carried = frozenset(clinic.numbers)  # a courier knows boxes and tubes by number, of all clinics
    found = [
        Stranger("nobody", Client()),
        *(Stranger(who, signed_in(username)) for who, username in people),
        Stranger("courier", signed_in("courier"), carried),
        Stranger("other system", system),
    ]
    for one in found:
        one.client.raise_request_exception = False
    return found


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Requests inside begin with nobody acting; what they do to the region and to the browser's cookies is undone."""
    kept = deepcopy(client.cookies)  # one of the addresses is the way out
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = kept


def asked(client: Client, method: str, path: str, data: Mapping[str, Any]) -> HttpResponseBase:
    """The answer to one request."""
    with acting(NOBODY):
        response: Any = client.get(path, data) if method == "GET" else client.post(path, data)
    return response  # type: ignore[no-any-return]


def body_of(response: HttpResponseBase) -> str:
    """What came back, without markup and headers a person does not see."""
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return str(content.decode("utf-8", "replace")) + str(response.headers.get("Location", ""))


def leaks(
    clinic: Clinic, one: Stranger, path: str, response: HttpResponseBase, sent: Mapping[str, object]
) -> set[str]:
    """What the answer tells this stranger beyond the ids that the stranger sent."""
    known = {str(value) for value in sent.values()} | {number for number in clinic.numbers if number in path}
    told = body_of(response)
    secrets = (clinic.names | clinic.numbers) - one.may_read - known
    found = {secret for secret in secrets if secret in told}
    if response.status_code == 200 and response.headers.get("Content-Type") == "application/pdf":
        found.add("a document")
    return found


OPEN_TO_ALL = {
    "/sign-in/": "the door",
    "/sign-out/": "the way out",
    "/language/": "the language of the door",
    "/style-guide/": "how pages look; no row of the region",
    "/fhir/metadata": "what the interface can do",
}


def is_sent_away(path: str, response: HttpResponseBase) -> bool:
    """Whether somebody without a name was asked for one; an address that only takes forms need not ask."""
    if path.startswith("/fhir/"):
        return response.status_code in {401, 405}
    if response.status_code == 302:
        return response.headers["Location"].startswith("/sign-in/")
    return response.status_code in {404, 405}


class TestEveryAddress:
    def test_each_kind_of_parameter_is_known(self, clinic: Clinic) -> None:
        wanted = {kind: str(one) for one in ADDRESSES for kind in one.kinds()}
        assert {kind: path for kind, path in wanted.items() if kind not in clinic.values} == {}
        assert all(len(list(one.kinds())) >= len(one.parameters) for one in ADDRESSES)

    def test_a_new_kind_of_parameter_is_noticed(self, clinic: Clinic) -> None:
        with pytest.raises(KeyError):
            clinic.address(Address(("dreams/", "<int:dream>/"), "dream", ("dream",)))

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_strangers_learn_nothing_and_break_nothing(
        self, clinic: Clinic, strangers: list[Stranger], method: str
    ) -> None:
        faults = []
        for one in ADDRESSES:
            path = clinic.address(one)
            for stranger in strangers:
                sent = (
                    clinic.form()
                    if method == "POST"
                    else {"q": "Сокровенная", "find": "Сокровенная", "text": SNILS}
                )
                with undone(stranger.client):
                    response = asked(stranger.client, method, path, sent)
                found = leaks(clinic, stranger, path, response, sent)
                if response.status_code >= 500 or found:
                    faults.append((stranger.who, method, path, response.status_code, sorted(found)))
        assert faults == []
        still_there = {one.who: asked(one.client, "GET", "/start/", {}).status_code for one in strangers}
        assert [who for who, status in still_there.items() if status == 200] == PEOPLE

    def test_nobody_is_asked_who_is_there(self, clinic: Clinic, strangers: list[Stranger]) -> None:
        nobody = strangers[0].client
        seen = {path: asked(nobody, "GET", path, {}) for path in map(clinic.address, ADDRESSES)}
        assert {
            path: one.status_code for path, one in seen.items() if not is_sent_away(path, one)
        }.keys() <= (OPEN_TO_ALL.keys())

    def test_strangers_change_nothing(
        self, clinic: Clinic, strangers: list[Stranger], region: Region
    ) -> None:
        before = state_of(region)
        faults = []
        for one in ADDRESSES:
            path = clinic.address(one)
            for stranger in strangers:
                with undone(stranger.client):
                    asked(stranger.client, "POST", path, clinic.form())
                    after = state_of(region)
                if after != before and (stranger.who, one.name) not in MAY_CHANGE:
                    faults.append((stranger.who, path, after ^ before))
        assert faults == []

    def test_without_its_token_no_form_is_taken(self, clinic: Clinic) -> None:
        with_checks = Client(enforce_csrf_checks=True)
        with_checks.cookies = signed_in("nurse").cookies
        taken = {}
        for one in ADDRESSES:
            path = clinic.address(one)
            status = asked(with_checks, "POST", path, clinic.form()).status_code
            if status not in ({401, 405, 415} if path.startswith(("/fhir/", "/node/")) else {403}):
                taken[path] = status
        assert taken == {}

    def test_what_strangers_do_not_see_is_there_to_be_seen(self, clinic: Clinic) -> None:
        own = [signed_in(name) for name in ("nurse", "doctor")]
        told = " ".join(
            body_of(asked(client, "GET", clinic.address(one), {})) for one in ADDRESSES for client in own
        )
        decimal = {value: value.replace(".", ",") for value in (VALUE, REPORTED)}
        shown = clinic.names - {SNILS, POLICY}
        assert {
            secret for secret in shown if secret not in told and decimal.get(secret, secret) not in told
        } == set()


MAY_CHANGE = {
    ("courier", "transport:scan"): "a courier takes any closed box of the region",
    ("courier", "transport:pick-up"): "the same",
}


def state_of(region: Region) -> frozenset[tuple[object, ...]]:
    """Everything about the clinic's rows that somebody could have changed."""
    tables: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (Patient, ("family_name", "merged_into_id", "snils")),
        (Order, ("state",)),
        (OrderItem, ("state",)),
        (Specimen, ("state", "custody_site_id")),
        (Result, ("state", "comment", "value_text")),
        (CriticalCall, ("state", "told_to")),
        (Box, ("state", "handed_over_at")),
        (Report, ("version", "seen_by")),
        (Message, ("state",)),
        (Reading, ("state",)),
        (PatientMerge, ("undone_at",)),
        (Site, ("name_en",)),
    )
    with acting(region.worker):
        return frozenset(
            (model.__name__, *row)
            for model, names in tables
            for row in model.objects.values_list("pk", *names)
        )
