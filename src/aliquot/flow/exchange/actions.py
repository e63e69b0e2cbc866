"""Keep a document of another system, then carry it out as a whole or not at all."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
from django.utils.translation import gettext as _

from aliquot.flow.exchange.models import InboundDocument
from aliquot.flow.exchange.queries.resources import (
    fingerprints_of,
    order_facts,
    order_of,
    read_codebook,
    request_resources,
)
from aliquot.flow.exchange.rules.bundle import read_bundle, without_path
from aliquot.flow.exchange.rules.issues import ERROR, WARNING, Issue, operation_outcome
from aliquot.flow.exchange.rules.request_facts import AskedOrder, AskedPatient
from aliquot.flow.exchange.rules.resources import transaction_response
from aliquot.flow.orders.actions import OrderRequest
from aliquot.flow.orders.models import Order
from aliquot.flow.specimens.actions import order_tests
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.network.models import Site
from aliquot.registers.patients.actions import PatientFacts, claim_patient, let_site_in, register_patient
from aliquot.registers.patients.models import Patient
from aliquot.registers.patients.rules.names import fold

SQL = Path(__file__).parent / "sql"
FHIR_BUNDLE: Final = "fhir-r4-bundle"
_CANNOT_BE_DONE: Final = frozenset(
    {"business-rule", "not-found", "multiple-matches", "conflict", "duplicate"}
)
_OF_PATIENT: Final = {
    "family_name": "name", "given_name": "name", "birth_date": "birthDate", "sex": "gender",
    "snils": "identifier", "policy_number": "identifier",
}  # fmt: skip
_OF_REQUEST: Final = {"patient": "subject", "requester": "requester", "tests": "code", "urgency": "priority"}


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of a Bundle: its kept document, the order or None, all findings, and the answer to send."""

    document_id: int
    order: Order | None
    is_new: bool
    issues: tuple[Issue, ...]
    answer: dict[str, Any]

    @property
    def is_understood(self) -> bool:
        """Whether the document was read, and only what it asks for cannot be done."""
        return all(one.code in _CANNOT_BE_DONE for one in self.issues if one.is_fault)

    @property
    def is_conflict(self) -> bool:
        """Whether the sender's number already stands for another request."""
        return any(
            one.is_fault and one.code == "conflict" and one.expression == "Bundle" for one in self.issues
        )


def keep_document(
    content: bytes, *, kind: str, site: Site, received_from: str, by: Actor, at: datetime
) -> InboundDocument:
    """The document as it came; committed at once when no transaction surrounds this."""
    with acting(by, reason="document received"):
        return InboundDocument.objects.create(
            site=site,
            kind=kind,
            received_at=at,
            received_from=received_from,
            content=content,
            digest=hashlib.sha256(content).digest(),
        )


def place_bundle(content: bytes, *, site: Site, by: Actor, at: datetime) -> Placed:
    """The order that a FHIR transaction asks for, or every reason why there is none; never a part of it.

    A Bundle with a number that already led to an order gives that order back; one with the same number that
    asks for something else is refused. Call it outside a transaction: the document is to be kept whatever
    follows.
    """
    by.require("place_order")
    document = keep_document(content, kind=FHIR_BUNDLE, site=site, received_from=by.key, by=by, at=at)
    with acting(by):
        book = read_codebook()
    reading = read_bundle(content, book, digest=bytes(document.digest).hex())
    if reading.order is None:
        return _refuse(document, reading.issues, by)
    try:
        with acting(by, reason=f"document {document.pk}"):
            return _carry_out(document, reading.order, reading.issues, site=site, by=by, at=at)
    except Refused as refused:
        return _refuse(document, (*_issues_of(refused, reading.order), *reading.issues), by)


@dataclass(frozen=True, slots=True)
class _Found:
    patient: Patient
    is_new: bool = False
    issues: tuple[Issue, ...] = ()


def _carry_out(
    document: InboundDocument,
    asked: AskedOrder,
    issues: tuple[Issue, ...],
    *,
    site: Site,
    by: Actor,
    at: datetime,
) -> Placed:
    _wait_for_others(site.pk, asked.external_system, asked.external_number)
    if earlier := order_of(site, asked.external_system, asked.external_number):
        _require_same(earlier, asked)
        return _answer(document, asked, earlier, _Found(earlier.patient, issues=issues), is_new=False)
    for number in _numbers(asked.patient).values():
        _wait_for_others("patient", number)
    found = _find_patient(asked.patient, site=site, by=by, at=at)
    order = order_tests(_request(asked, found.patient), site=site, by=by, at=at)
    told = _Found(found.patient, found.is_new, (*issues, *found.issues))
    return _answer(document, asked, order, told, is_new=True)


def _wait_for_others(*number: object) -> None:
    # two documents about one order, or one person, must not both find that there is none yet
    sql_files.fetch_rows(SQL, "hold_number", number=orjson.dumps(number).decode())


def _answer(
    document: InboundDocument, asked: AskedOrder, order: Order, found: _Found, *, is_new: bool
) -> Placed:
    codes = [one.code for one in asked.entries if one.code]
    answer = transaction_response(
        asked.entries,
        order=order_facts(order),
        requests=request_resources(order, codes),
        is_new=is_new,
        is_new_patient=found.is_new,
        warnings=[one for one in found.issues if one.severity == WARNING],
    )
    outcome = {
        "asked": _fingerprint(asked),
        "is_new": is_new,
        "issues": [asdict(one) for one in found.issues],
    }
    InboundDocument.objects.filter(pk=document.pk, state=InboundDocument.State.KEPT).update(
        state=InboundDocument.State.APPLIED, outcome=outcome, order=order
    )
    return Placed(document.pk, order, is_new, found.issues, answer)


def _refuse(document: InboundDocument, issues: Iterable[Issue], by: Actor) -> Placed:
    found = tuple(sorted(issues, key=lambda one: not one.is_fault))
    answer = operation_outcome(found)
    with acting(by, reason="document refused"):
        InboundDocument.objects.filter(pk=document.pk, state=InboundDocument.State.KEPT).update(
            state=InboundDocument.State.REFUSED, outcome=answer
        )
    return Placed(document.pk, None, is_new=False, issues=found, answer=answer)


def _require_same(earlier: Order, asked: AskedOrder) -> None:
    known = fingerprints_of(earlier)
    if known and _fingerprint(asked) not in known:
        raise _Conflict(
            _("The number %(theirs)s already stands for order %(ours)s, which asks for something else.")
            % {"theirs": asked.external_number, "ours": earlier.number}
        )


class _Conflict(Refused):
    """The sender's number is taken by another request."""


def _fingerprint(asked: AskedOrder) -> str:
    return hashlib.sha256(orjson.dumps(asdict(without_path(asked)))).hexdigest()


def _request(asked: AskedOrder, patient: Patient) -> OrderRequest:
    return OrderRequest(
        patient_id=patient.pk,
        codes=asked.codes,
        requester=asked.requester,
        urgency=asked.urgency,
        ward=asked.ward,
        diagnosis=asked.diagnosis,
        note=asked.note,
        external_system=asked.external_system,
        external_number=asked.external_number,
    )


def _find_patient(asked: AskedPatient, *, site: Site, by: Actor, at: datetime) -> _Found:
    if asked.known_id is not None or asked.is_only_number:
        return _Found(_known(asked))
    patient = _visible(asked)
    if patient is not None:
        let_site_in(patient, site, by=by, at=at)
    elif not asked.has_doubtful_number:
        patient = _claimed(asked, site=site, by=by, at=at)
    if patient is not None:
        return _Found(patient, issues=_other_name(asked, patient))
    return _Found(register_patient(_facts(asked), site=site, by=by, at=at, strict=False), is_new=True)


def _facts(asked: AskedPatient) -> PatientFacts:
    return PatientFacts(
        asked.family_name,
        asked.given_name,
        asked.patronymic,
        asked.birth_date,
        asked.sex,
        asked.snils,
        asked.policy_number,
    )


def _numbers(asked: AskedPatient) -> dict[str, str]:
    numbers = {"snils": asked.snils, "policy_number": asked.policy_number}
    return {name: number for name, number in numbers.items() if number}


def _known(asked: AskedPatient) -> Patient:
    wanted = (
        {"pk": asked.known_id} if asked.known_id is not None else {**_numbers(asked), "merged_into": None}
    )
    found = list(Patient.objects.filter(**wanted)[:2])
    if len(found) != 1:
        raise Refused(
            _("No single patient is known here by this."),
            fields={"patient": _("No single patient is known here by this. Send the Patient as an entry.")},
        )
    return found[0]


def _visible(asked: AskedPatient) -> Patient | None:
    for name, number in _numbers(asked).items():
        found = list(
            Patient.objects.filter(**{name: number}, birth_date=asked.birth_date, merged_into=None)[:2]
        )
        if len(found) == 1 and (not asked.has_doubtful_number or not _other_name(asked, found[0])):
            return found[0]
    return None


def _claimed(asked: AskedPatient, *, site: Site, by: Actor, at: datetime) -> Patient | None:
    if asked.birth_date is None:
        return None
    for name, number in _numbers(asked).items():
        try:
            return claim_patient(site=site, birth_date=asked.birth_date, by=by, at=at, **{name: number})
        except Refused:
            continue
    return None


def _other_name(asked: AskedPatient, patient: Patient) -> tuple[Issue, ...]:
    if fold(asked.family_name) == fold(patient.family_name):
        return ()
    said = _(
        "The number and the birth date are known under another family name; the record here was not changed."
    )
    return (Issue(WARNING, "conflict", said, _("Compare the document."), f"{asked.path}.name"),)


def _issues_of(refused: Refused, asked: AskedOrder) -> list[Issue]:
    if isinstance(refused, _Conflict):
        return [Issue(ERROR, "conflict", refused.reason, _("Send a new number."), "Bundle")]
    named = [
        Issue(ERROR, "business-rule", sentence, "", _path_of(field, asked))
        for field, sentence in refused.fields.items()
    ]
    return named or [Issue(ERROR, "business-rule", refused.reason, "", asked.requests_path)]


def _path_of(field: str, asked: AskedOrder) -> str:
    if field in _OF_PATIENT:
        return f"{asked.patient.path}.{_OF_PATIENT[field]}"
    return f"{asked.requests_path}.{_OF_REQUEST[field]}" if field in _OF_REQUEST else asked.requests_path
