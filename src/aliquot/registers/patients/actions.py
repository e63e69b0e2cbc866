"""Register patients, let a site in, merge two records of one person and undo it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.utils.translation import gettext as _

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.network.models import Site
from aliquot.registers.patients.models import Patient, PatientMerge
from aliquot.registers.patients.rules.identifiers import Verdict, check_policy_number, check_snils

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What is written down about a patient; empty or None means unknown."""

    family_name: str = ""
    given_name: str = ""
    patronymic: str = ""
    birth_date: date | None = None
    sex: str = Patient.Sex.UNKNOWN
    snils: str = ""
    policy_number: str = ""
    is_unidentified: bool = False


def register_patient(
    facts: PatientFacts, *, site: Site, by: Actor, at: datetime, strict: bool = True
) -> Patient:
    """A new patient of `site`; numbers are kept as bare digits.

    `strict` is for the keyboard: a wrong check digit refuses. Without it (another system) the number is kept
    and `identity_warnings` says what is wrong with it.
    """
    by.require("register_patient")
    _require_site(by, site)
    columns = _checked(facts, site.day_of(at), strict=strict)
    patient = Patient.objects.create(**columns, home_site=site, registered_at=at)
    sql_files.execute(SQL, "let_in", patient=patient.pk, site=site.pk, at=at)
    return patient


def update_patient(
    patient: Patient, facts: PatientFacts, *, by: Actor, at: datetime, strict: bool = True
) -> Patient:
    """The patient with corrected facts; a merged record is refused, the one it went into is corrected."""
    by.require("register_patient")
    columns = _checked(facts, patient.home_site.day_of(at), strict=strict)
    if not Patient.objects.filter(pk=patient.pk, merged_into=None).update(**columns):
        raise Refused(_("This record was merged into another one. Correct that one instead."))
    patient.refresh_from_db()
    return patient


def let_site_in(
    patient: Patient,
    site: Site,
    *,
    by: Actor,  # noqa: ARG001 - the database asks who
    at: datetime,
) -> None:
    """Let `site` see a patient that the actor sees; the database refuses for any other."""
    sql_files.execute(SQL, "let_in", patient=patient.pk, site=site.pk, at=at)


def claim_patient(
    *, site: Site, birth_date: date, snils: str = "", policy_number: str = "", by: Actor, at: datetime
) -> Patient:
    """The region's patient with this number and birth date, from now on seen by `site`.

    Both must be exact; the same answer is given for a wrong number, a wrong date and two records, so that
    nobody learns who is in the region by trying. The claim is kept in the access log and the audit.
    """
    by.require("register_patient")
    _require_site(by, site)
    snils = check_snils(snils, lenient=True).number
    policy = check_policy_number(policy_number, lenient=True).number
    found = sql_files.fetch_value(
        SQL, "claim_patient", snils=snils, policy=policy, birth=birth_date, site=site.pk, at=at
    )
    if found is None:
        raise Refused(
            _(
                "No single patient of the region has this number and birth date."
                " Compare both with the document, or register the patient."
            ),
            fields={"snils": _("Compare with the document."), "birth_date": _("Compare with the document.")},
        )
    return Patient.objects.get(pk=found)


def merge_patients(
    kept: Patient, merged: Patient, *, reason: str, by: Actor, at: datetime, conflict_reason: str = ""
) -> PatientMerge:
    """Make two records one person's: everything of `merged` points to `kept` afterwards.

    Undone by unmerge_patients. Records with two different SNILS need a `conflict_reason`: why they differ.
    """
    by.require("merge_patients")
    one, other = _both(kept, merged)
    _refuse_merge(one, other, reason, conflict_reason)
    state_reason("; ".join(part for part in (reason.strip(), conflict_reason.strip()) if part))
    moved = sql_files.fetch_value(SQL, "merge_rows", kept=one.pk, merged=other.pk)
    return PatientMerge.objects.create(
        kept=one,
        merged=other,
        moved=json.loads(moved),  # Django leaves jsonb as text on its connections
        reason="; ".join(part for part in (reason.strip(), conflict_reason.strip()) if part),
        merged_at=at,
        merged_by=by.key,
    )


def unmerge_patients(merge: PatientMerge, *, reason: str, by: Actor, at: datetime) -> None:
    """Give back exactly the rows that the merge moved; what was ordered since stays with the kept record."""
    by.require("merge_patients")
    _require_reason(reason)
    current = PatientMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    if current.undone_at is not None:
        raise Refused(_("This merge was already undone."))
    if Patient.objects.filter(pk=current.kept_id).exclude(merged_into=None).exists():
        raise Refused(_("The kept record was itself merged later. Undo that merge first."))
    state_reason(reason.strip())
    sql_files.fetch_value(SQL, "unmerge_rows", merge=current.pk)
    PatientMerge.objects.filter(pk=current.pk).update(undone_at=at, undone_by=by.key)


def note_access(patient_ids: Iterable[int], what: str, *, by: Actor, at: datetime) -> None:
    """Keep that the actor read these patients' data."""
    if ids := sorted(set(patient_ids)):
        sql_files.execute(SQL, "note_access", patients=ids, what=what, actor=by.key, site=by.site_id, at=at)


def _require_site(by: Actor, site: Site) -> None:
    if site.pk not in by.sites:
        raise Forbidden(_("%(name)s does not work at %(site)s.") % {"name": by.name, "site": site})


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Say why."), fields={"reason": _("Write a reason; it is kept with the record.")})


def _checked(facts: PatientFacts, today: date, *, strict: bool) -> dict[str, object]:
    verdicts = _verdicts(facts, strict=strict)
    faults = {field: _sentence(verdict) for field, verdict in verdicts.items() if not verdict.may_be_kept}
    faults |= _missing(facts, today)
    if faults:
        raise Refused(" ".join(faults.values()), fields=faults)
    warnings = [v.as_json(field) for field, v in verdicts.items() if v.reason]
    return {
        "family_name": facts.family_name.strip(),
        "given_name": facts.given_name.strip(),
        "patronymic": facts.patronymic.strip(),
        "birth_date": facts.birth_date,
        "sex": facts.sex,
        "is_unidentified": facts.is_unidentified,
        "identity_warnings": warnings,
        "snils": "",
        "policy_number": "",
        **{field: verdict.number for field, verdict in verdicts.items()},
    }


def _verdicts(facts: PatientFacts, *, strict: bool) -> dict[str, Verdict]:
    found = {}
    if facts.snils.strip():
        found["snils"] = check_snils(facts.snils, lenient=not strict)
    if facts.policy_number.strip():
        found["policy_number"] = check_policy_number(facts.policy_number, lenient=not strict)
    return found


def _missing(facts: PatientFacts, today: date) -> Mapping[str, str]:
    faults = {}
    if not facts.family_name.strip() and not facts.is_unidentified:
        faults["family_name"] = _("Type the family name, or mark the patient as unidentified.")
    if facts.birth_date and facts.birth_date > today:
        faults["birth_date"] = _("The birth date lies in the future. Compare it with the document.")
    if facts.sex not in Patient.Sex.values:
        faults["sex"] = _("Choose male, female or unknown.")
    return faults


def _sentence(verdict: Verdict) -> str:
    return f"{_(verdict.reason) % dict(verdict.values)} {_(verdict.remedy)}"


def _both(kept: Patient, merged: Patient) -> tuple[Patient, Patient]:
    if kept.pk == merged.pk:
        raise Refused(_("A record cannot be merged into itself. Choose two different records."))
    both = Patient.objects.select_for_update(of=("self",)).filter(pk__in=[kept.pk, merged.pk])
    found = {patient.pk: patient for patient in both}
    if len(found) != 2:  # noqa: PLR2004 - both of them
        raise Forbidden(_("One of these records is not visible here. Ask the laboratory to merge them."))
    return found[kept.pk], found[merged.pk]


def _refuse_merge(kept: Patient, merged: Patient, reason: str, conflict_reason: str) -> None:
    _require_reason(reason)
    for one in (kept, merged):
        if one.merged_into_id is not None:
            raise Refused(_("%(patient)s was already merged into another record.") % {"patient": one})
    if kept.snils and merged.snils and kept.snils != merged.snils and not conflict_reason.strip():
        raise Refused(
            _("The two records have different SNILS, so they may be two people."),
            fields={"conflict_reason": _("Say why the numbers differ, after comparing the documents.")},
        )
