"""Patients, the sites that may see them, and who looked."""

from django.db import models
from django.db.models.functions import Lower, Replace
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aliquot.registers.network.models import Site
from aliquot.registers.patients.rules.identifiers import warning_words


class Patient(models.Model):
    class Sex(models.TextChoices):
        MALE = "M", _("male")
        FEMALE = "F", _("female")
        UNKNOWN = "U", _("unknown")

    family_name = models.TextField()
    given_name = models.TextField(blank=True, default="")
    patronymic = models.TextField(blank=True, default="")
    birth_date = models.DateField(null=True, blank=True)
    sex = models.TextField(choices=Sex.choices, default=Sex.UNKNOWN)
    snils = models.TextField(blank=True, default="", help_text="11 digits")
    policy_number = models.TextField(blank=True, default="", help_text="16 digits")
    is_unidentified = models.BooleanField(default=False)
    identity_warnings = models.JSONField(default=list)
    home_site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True)
    search_name = models.GeneratedField(
        expression=Replace(Lower("family_name"), models.Value("ё"), models.Value("е")),
        output_field=models.TextField(),
        db_persist=True,
        help_text="what a search compares",
    )
    registered_at = models.DateTimeField()

    class Meta:
        db_table = "patient"
        indexes = [
            models.Index(fields=["snils"], name="patient_snils", condition=~models.Q(snils="")),
            models.Index(
                fields=["policy_number"], name="patient_policy", condition=~models.Q(policy_number="")
            ),
            models.Index(fields=["family_name", "birth_date"], name="patient_name_birth"),
            models.Index(
                fields=["search_name", "given_name", "birth_date", "id"],
                name="patient_search",
                condition=models.Q(merged_into=None),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def warnings(self) -> list[str]:
        """What is wrong with the numbers of this record, in the reader's language."""
        return [warning_words(one, gettext) for one in self.identity_warnings]

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.family_name, self.given_name, self.patronymic) if part)


class PatientSite(models.Model):
    """A site that treats or tests this patient, and so may see the record."""

    patient = models.ForeignKey(Patient, models.PROTECT)
    site = models.ForeignKey(Site, models.PROTECT)
    since = models.DateTimeField()

    class Meta:
        db_table = "patient_site"
        constraints = [models.UniqueConstraint(fields=["patient", "site"], name="patient_site_once")]


class PatientMerge(models.Model):
    """Two records found to be one person; undone as a whole, never forgotten."""

    kept = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    merged = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    moved = models.JSONField(help_text="table -> ids that were moved to the kept record")
    reason = models.TextField()
    merged_at = models.DateTimeField()
    merged_by = models.TextField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "patient_merge"


class AccessEntry(models.Model):
    """Somebody read a patient's data: who, what, when."""

    at = models.DateTimeField()
    actor = models.TextField()
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+", db_index=False)
    patient_id = models.BigIntegerField()
    what = models.TextField()

    class Meta:
        db_table = "access_entry"
        indexes = [models.Index(fields=["patient_id", "at"], name="access_entry_patient")]
