"""Results: what the laboratory says of a specimen, and the calls that critical values demand."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Case, When
from django.utils.translation import gettext_lazy as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.specimens.models import Specimen
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import SiteScoped
from aliquot.registers.patients.models import Patient


class Result(SiteScoped):
    """One value of one test. A correction is a new row; the earlier one stays and says what replaced it.

    The table stands by month and the id carries its month. That a test of an order has one released result is
    held by `OrderItem.result_id`, which the database sets in the statement that releases.
    """

    class State(models.TextChoices):
        RECORDED = "recorded", _("being decided")
        HELD = "held", _("waits for a person")
        RELEASED = "released", _("released")
        SUPERSEDED = "superseded", _("replaced")
        REFUSED = "refused", _("refused by a person")
        RECALLED = "recalled", _("under investigation, do not use")
        WITHDRAWN = "withdrawn", _("withdrawn, do not use")
        KEPT = "kept", _("a further run, not reported")

    order_item = models.ForeignKey(OrderItem, models.PROTECT, db_index=False)
    specimen = models.ForeignKey(Specimen, models.PROTECT, db_index=False)
    patient = models.ForeignKey(Patient, models.PROTECT, db_index=False)  # a merge moves what is constrained
    # copies of what the test of the order, the tube and the reading say; the database checks them there
    order = models.ForeignKey(Order, models.PROTECT, db_index=False, db_constraint=False)
    test = models.ForeignKey(Test, models.PROTECT, db_index=False, db_constraint=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, null=True, db_index=False, db_constraint=False)
    reading_id = models.BigIntegerField(null=True)
    run = models.SmallIntegerField(default=1)
    version = models.SmallIntegerField(default=1)
    value_text = models.TextField()
    value = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    comparator = models.TextField(blank=True, default="")
    unit = models.TextField(blank=True, default="")
    flag = models.TextField(blank=True, default="", help_text="LL L N H HH A")
    low = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    high = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    analyzer_flags = ArrayField(models.TextField(), default=list)
    dilution = models.TextField(
        blank=True, default="", db_default="", help_text="as the analyzer says; empty: undiluted"
    )
    derived_from = ArrayField(
        models.BigIntegerField(), null=True, help_text="ids of the results it was computed from"
    )
    state = models.TextField(choices=State.choices, default=State.RECORDED)
    reasons = models.JSONField(default=list, help_text="why it waits: [{code, ...facts}]")
    is_automatic = models.BooleanField(default=False, help_text="released by rules, without a person")
    urgency = models.TextField(default="R")
    is_on_time = models.BooleanField(
        default=True, db_default=True, help_text="off: it waits longer than its test allows, and comes first"
    )
    measured_at = models.DateTimeField(null=True)
    collected_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.TextField(blank=True, default="")
    # checked by a trigger: with a foreign key no month could be put away
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, db_index=False, db_constraint=False)
    comment = models.TextField(blank=True, default="")
    amend_reason = models.TextField(blank=True, default="")
    danger = models.GeneratedField(
        expression=Case(When(flag__in=["LL", "HH"], then=0), default=2)
        + Case(When(urgency="S", then=0), default=1),
        output_field=models.SmallIntegerField(),
        db_persist=True,
        help_text="0 critical and urgent, 1 critical, 2 urgent, 3 neither: the order of the worklist",
    )

    class Meta:
        db_table = "result"
        indexes = [
            models.Index(fields=["patient", "test", "-collected_at"], name="result_history"),
            # with the id: whoever looks for an order's results says between which ids they stand, and the
            # planner would read all ids of a month beside an index of orders alone
            models.Index(fields=["order", "order_item", "id"], name="result_of_order"),
            models.Index(fields=["id"], name="result_to_decide", condition=models.Q(state="recorded")),
            models.Index(
                fields=["laboratory", "is_on_time", "danger", "id"],
                name="result_worklist",
                condition=models.Q(state="held"),
            ),
            # results come nearly as measured: a look-back reads only the blocks of its interval
            BrinIndex(
                fields=["measured_at"],
                name="result_measured",
                opclasses=["timestamptz_minmax_multi_ops"],
                pages_per_range=16,
                autosummarize=True,
            ),
        ]


class CriticalCall(SiteScoped):
    """A value that endangers a patient: open until somebody is told and reads it back.

    The value stands here as it was decided, with what the policy said then: a later policy changes no open
    call, and the site that ordered sees it before the result is released. A value that was told and then
    withdrawn has a second call: whoever was told is told of that. One that holds again has a further one,
    unless whoever was told still believes it; each is about the one that it takes back.
    """

    class State(models.TextChoices):
        OPEN = "open", _("to be told")
        CLOSED = "closed", _("told and read back")
        NOTED = "noted", _("as told before: noted, not called")
        WITHDRAWN = "withdrawn", _("value refused or replaced")

    class Kind(models.TextChoices):
        VALUE = "value", _("critical value")
        WITHDRAWAL = "withdrawal", _("withdrawal of a value that was told")
        REINSTATED = "reinstated", _("withdrawn value that stands again")

    class How(models.TextChoices):
        PHONE = "phone", _("by telephone")
        IN_PERSON = "in_person", _("in person")
        APP = "app", _("read in the application")

    class ToldRole(models.TextChoices):
        PHYSICIAN = "physician", _("ordering physician")
        DUTY_DOCTOR = "duty_doctor", _("doctor on duty")
        DEPARTMENT_HEAD = "department_head", _("head of department")
        NURSE = "nurse", _("nurse")

    kind = models.TextField(choices=Kind.choices, default=Kind.VALUE)
    result = models.ForeignKey(Result, models.PROTECT, db_index=False, db_constraint=False)  # as above
    about = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, help_text="the call it takes back"
    )
    order = models.ForeignKey(Order, models.PROTECT, db_index=False)
    patient = models.ForeignKey(Patient, models.PROTECT, db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, db_index=False)
    ward = models.TextField(blank=True, default="")
    value_text = models.TextField(blank=True, default="")
    value = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    comparator = models.TextField(blank=True, default="")
    unit = models.TextField(blank=True, default="")
    flag = models.TextField(blank=True, default="")
    state = models.TextField(choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    acknowledge_due_at = models.DateTimeField(
        null=True, help_text="read in the application until then, or telephone"
    )
    policies = models.TextField(blank=True, default="", help_text="codes of the policies it follows")
    ladder = models.JSONField(default=list, help_text="[[whom, minutes], ...]")
    step = models.SmallIntegerField(default=-1, help_text="the last step of the ladder that was taken")
    next_step_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True, help_text="opened by somebody of the site that ordered")
    read_by = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, default="")
    told_to = models.TextField(blank=True, default="")
    told_role = models.TextField(blank=True, default="", choices=ToldRole.choices)
    how = models.TextField(blank=True, default="", choices=How.choices)
    read_back = models.TextField(blank=True, default="")

    class Meta:
        db_table = "critical_call"
        constraints = [
            models.UniqueConstraint(
                fields=["result"], name="critical_call_once", condition=models.Q(kind="value")
            ),
            models.UniqueConstraint(
                fields=["about"],
                name="critical_call_followed",
                condition=~models.Q(kind="value") & ~models.Q(state="withdrawn"),
            ),
            models.CheckConstraint(
                name="critical_call_complete",
                condition=~models.Q(state="closed")
                | (models.Q(closed_at__isnull=False) & ~models.Q(told_to="") & ~models.Q(read_back="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["laboratory", "due_at"], name="critical_call_open", condition=models.Q(state="open")
            ),
            models.Index(
                fields=["ordering_site", "due_at"],
                name="critical_call_to_read",
                condition=models.Q(state="open"),
            ),
            models.Index(
                fields=["next_step_at"], name="critical_call_to_climb", condition=models.Q(state="open")
            ),
            models.Index(
                fields=["patient", "test", "-closed_at"],
                name="critical_call_told",
                condition=models.Q(state="closed", kind="value"),
            ),
            models.Index(fields=["laboratory", "-opened_at"], name="critical_call_lately"),
            models.Index(fields=["about"], name="critical_call_noted", condition=models.Q(state="noted")),
            models.Index(fields=["result"], name="critical_call_of_result"),
            models.Index(
                fields=["ordering_site", "-closed_at"],
                name="critical_call_received",
                condition=models.Q(state="closed"),
            ),
        ]

    @property
    def is_on_time(self) -> bool:
        """Whether it was told within its limit."""
        return self.closed_at is not None and self.closed_at <= self.due_at


class CriticalEscalation(SiteScoped):
    """One step of a call's ladder as it was taken, or passed over because nobody of it was on duty."""

    call = models.ForeignKey(CriticalCall, models.PROTECT, related_name="escalations")
    step = models.SmallIntegerField()
    at = models.DateTimeField()
    whom = models.TextField()
    was_passed_over = models.BooleanField(default=False)
    contacts = models.JSONField(default=list, help_text="who was on duty then: [{name_en, name_ru, phone}]")

    class Meta:
        db_table = "critical_escalation"
        constraints = [models.UniqueConstraint(fields=["call", "step"], name="critical_escalation_once")]


class CriticalAttempt(SiteScoped):
    """One try to reach somebody."""

    call = models.ForeignKey(CriticalCall, models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    by = models.TextField()
    was_reached = models.BooleanField()
    how = models.TextField(blank=True, default="phone")
    told_to = models.TextField(blank=True, default="")
    read_back = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")

    class Meta:
        db_table = "critical_attempt"


class AddOn(SiteScoped):
    """Tests that a rule adds or proposes to add, once for each order and rule; or that a person adds."""

    class State(models.TextChoices):
        ADDED = "added", _("added to the order")
        PROPOSED = "proposed", _("waits for consent")
        REDRAW = "redraw", _("no tube is fit: waits for a new one to be agreed")
        DECLINED = "declined", _("declined")

    order = models.ForeignKey(Order, models.PROTECT, related_name="add_ons")
    rule = models.TextField(
        blank=True, default="", db_default="", help_text="the rule's code; empty: a person"
    )
    result_id = models.BigIntegerField(
        null=True, help_text="the value that brought it; its id says in which month to look"
    )
    asked_by = models.TextField(
        blank=True, default="", db_default="", help_text="the person who added it; empty: a rule"
    )
    reason = models.TextField(
        blank=True, default="", db_default="", help_text="why a person added it: who asked for it"
    )
    tests = ArrayField(models.TextField(), help_text="codes of the catalogue")
    is_billed = models.BooleanField(default=True)
    depth = models.SmallIntegerField(default=1, help_text="1: brought by an ordered test; 2: by an added one")
    state = models.TextField(choices=State.choices)
    note = models.TextField(blank=True, default="", help_text="why no tube is fit, or why it was declined")
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "add_on"
        constraints = [
            models.UniqueConstraint(
                fields=["order", "rule"], name="add_on_once", condition=~models.Q(rule="")
            ),
            models.CheckConstraint(
                name="add_on_origin",
                condition=(models.Q(asked_by="") & ~models.Q(rule=""))
                | (models.Q(rule="") & ~models.Q(asked_by="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["laboratory", "asked_at"],
                name="add_on_waiting",
                condition=models.Q(state__in=["proposed", "redraw"]),
            ),
            models.Index(fields=["laboratory", "-asked_at"], name="add_on_lately"),
            models.Index(fields=["ordering_site", "-asked_at"], name="add_on_ordered"),
        ]

    @property
    def is_waiting(self) -> bool:
        """Whether somebody has to agree to it or decline it."""
        return self.state in {self.State.PROPOSED, self.State.REDRAW}
