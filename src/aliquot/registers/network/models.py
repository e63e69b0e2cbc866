"""Organisations, their sites, and the places inside a laboratory."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.foundation.naming import BilingualName

IN_ORDER = models.Q(until=None) | models.Q(until__gt=models.F("since"))
"""Of a dated row: it begins before it ends. The moment of its end is no longer inside."""


class Organisation(BilingualName):
    """A legal body: a hospital, a clinic, an operator."""

    code = models.TextField(unique=True)
    oid = models.TextField(blank=True, default="")

    class Meta:
        db_table = "organisation"


class Site(BilingualName):
    """A place with an address where specimens are collected or measured."""

    class Kind(models.TextChoices):
        COLLECTION_POINT = "collection_point", _("Collection point")
        RAPID_LABORATORY = "rapid_laboratory", _("Rapid-response laboratory")
        HUB = "hub", _("Hub laboratory")

    organisation = models.ForeignKey(Organisation, models.PROTECT)
    code = models.TextField(unique=True)
    kind = models.TextField(choices=Kind.choices)
    laboratory = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, help_text="where its tubes go"
    )
    oid = models.TextField(blank=True, default="")
    address_en = models.TextField(blank=True, default="")
    address_ru = models.TextField(blank=True, default="")
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    time_zone = models.TextField(default="Europe/Moscow")
    travel_minutes = models.IntegerField(default=0, help_text="usual road time to its laboratory")
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "site"

    @property
    def is_laboratory(self) -> bool:
        return self.kind != self.Kind.COLLECTION_POINT

    def day_of(self, at: datetime) -> date:
        """The date of this moment by the site's own clock."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()


class Department(BilingualName):
    site = models.ForeignKey(Site, models.PROTECT)
    code = models.TextField()

    class Meta:
        db_table = "department"
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="department_code")]


class Bench(BilingualName):
    """A workplace with analyzers; worklists are by bench."""

    department = models.ForeignKey(Department, models.PROTECT)
    code = models.TextField()

    class Meta:
        db_table = "bench"
        constraints = [models.UniqueConstraint(fields=["department", "code"], name="bench_code")]


class Contact(BilingualName):
    """Who is reached at a site in one function, and when: a telephone with its hours."""

    class Function(models.TextChoices):
        REQUESTER = "requester", _("ordering physicians")
        WARD = "ward", _("ward")
        DUTY_DOCTOR = "duty_doctor", _("doctor on duty")
        DEPARTMENT_HEAD = "department_head", _("head of department")
        ON_CALL = "on_call", _("on call for the site")
        LABORATORY_DOCTOR = "laboratory_doctor", _("laboratory doctor on duty")
        DIRECTOR = "director", _("laboratory director")

    site = models.ForeignKey(Site, models.PROTECT)
    function = models.TextField(choices=Function.choices)
    ward = models.TextField(blank=True, default="", help_text="empty: for the whole site")
    phone = models.TextField()
    days = models.TextField(default="1234567", help_text="days of the week, Monday is 1")
    on_from = models.TimeField(null=True, blank=True, help_text="at the site's clock; empty: all day")
    on_until = models.TimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "contact"
        indexes = [models.Index(fields=["site", "function"], name="contact_of_site")]


class NumberRange(models.Model):
    """A site's own run of numbers; they belong to the region, never to an operator."""

    class Kind(models.TextChoices):
        ORDER = "order"
        SPECIMEN = "specimen"
        BOX = "box"

    site = models.ForeignKey(Site, models.PROTECT)
    kind = models.TextField(choices=Kind.choices)
    prefix = models.TextField()
    last = models.BigIntegerField(default=0)
    limit = models.BigIntegerField(default=9_999_999)

    class Meta:
        db_table = "number_range"
        constraints = [
            models.UniqueConstraint(fields=["site", "kind"], name="number_range_one"),
            models.UniqueConstraint(fields=["kind", "prefix"], name="number_range_prefix"),
            models.CheckConstraint(
                condition=models.Q(last__lte=models.F("limit")), name="number_range_not_spent"
            ),
        ]


class Contract(models.Model):
    """What two organisations agreed on, from when to when; its document is kept as it was signed."""

    class Kind(models.TextChoices):
        OPERATION = "operation", _("operation of laboratories")
        EQUIPMENT = "equipment", _("equipment and reagents")
        OTHER = "other", _("other services")

    number = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    contractor = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    covers = models.TextField(blank=True, default="", help_text="what it covers, in its own words")
    document_name = models.TextField(blank=True, default="")
    document = models.BinaryField(null=True)
    kept_at = models.DateTimeField()
    kept_by = models.TextField()

    class Meta:
        db_table = "contract"
        constraints = [
            models.UniqueConstraint(fields=["customer", "number"], name="contract_number"),
            models.CheckConstraint(condition=IN_ORDER, name="contract_in_order"),
            models.CheckConstraint(
                condition=~models.Q(customer=models.F("contractor")), name="contract_of_two"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Operation(models.Model):
    """Who operates a site, from when to when, under which contract; never two at once.

    Between two of them, and without any, a site is operated by the organisation it belongs to.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="operations", db_index=False)
    operator = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        db_table = "operation"
        constraints = [models.CheckConstraint(condition=IN_ORDER, name="operation_in_order")]


class DataOwner(models.Model):
    """Whose the region's data are, from when to when, on which ground; never two at once."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    basis = models.TextField(blank=True, default="", help_text="the law or act that says so")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        db_table = "data_owner"
        constraints = [models.CheckConstraint(condition=IN_ORDER, name="data_owner_in_order")]


class SiteScoped(models.Model):
    """A row of two parties: the site that ordered and the laboratory that the work is bound for.

    Copies of the order's parties, which the database checks there (docs/decisions/0006): not in every row.
    """

    ordering_site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    laboratory = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        abstract = True
