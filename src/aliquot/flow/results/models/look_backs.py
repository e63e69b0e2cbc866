"""Look-backs: nonconformities of measurement, what is done about them, and which results they hold."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from aliquot.flow.orders.models import Order
from aliquot.registers.network.models import Site, SiteScoped
from aliquot.registers.people.models import Person


class LookBack(models.Model):
    """A nonconformity of measurement: which results it may concern, and what is done about them."""

    class State(models.TextChoices):
        OPEN = "open", _("under investigation")
        CLOSED = "closed", _("finished")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    criteria = models.JSONField(help_text="what was looked for, as in rules/look_back.py")
    spans = models.JSONField(
        default=list,
        db_default=Value([], models.JSONField()),
        help_text="[[analyzer, test, since, until], ...]: what was measured then belongs to it",
    )
    reason = models.TextField()
    state = models.TextField(choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.TextField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, default="")
    conclusion = models.TextField(blank=True, default="")

    class Meta:
        db_table = "look_back"
        indexes = [
            models.Index(fields=["laboratory", "-opened_at"], name="look_back_list"),
            models.Index(fields=["laboratory"], name="look_back_open", condition=models.Q(state="open")),
        ]


class LookBackStep(models.Model):
    """One action on the results of a look-back: what, why, who, when, how many."""

    class Kind(models.TextChoices):
        RECALLED = "recalled", _("held or recalled")
        WITHDRAWN = "withdrawn", _("values withdrawn")
        RELEASED_AGAIN = "released_again", _("given free again")
        REPEATED = "repeated", _("to be measured again")
        AMENDED = "amended", _("a value corrected")

    look_back = models.ForeignKey(LookBack, models.PROTECT, related_name="steps")
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField(choices=Kind.choices)
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.TextField()
    count = models.IntegerField(default=0)

    class Meta:
        db_table = "look_back_step"


class LookBackMember(SiteScoped):
    """A result that a look-back holds or has recalled, until a step settles it."""

    look_back = models.ForeignKey(LookBack, models.PROTECT, related_name="members", db_index=False)
    result_id = models.BigIntegerField()  # of a table by month: written from its rows alone
    order = models.ForeignKey(Order, models.PROTECT, db_index=False, db_constraint=False)
    was = models.TextField(help_text="its state before: released ones are recalled, others held")
    settled = models.ForeignKey(LookBackStep, models.PROTECT, null=True, related_name="settled_members")

    class Meta:
        db_table = "look_back_member"
        constraints = [
            models.UniqueConstraint(fields=["look_back", "result_id"], name="look_back_member_once"),
            models.UniqueConstraint(
                fields=["result_id"], condition=models.Q(settled__isnull=True), name="look_back_member_open"
            ),
        ]
        indexes = [models.Index(fields=["look_back", "ordering_site"], name="look_back_member_site")]


class LookBackTask(models.Model):
    """A step of a look-back over many results, asked for by a person and done by a process of its own."""

    class What(models.TextChoices):
        RECALL = "recall", _("hold and recall")
        RELEASE = "release", _("give free again")
        REPEAT = "repeat", _("withdraw and measure again")
        OPEN = "open", _("withdraw; the tests stay open")
        NOT_PERFORMED = "not_performed", _("withdraw; the tests are not performed")

    class State(models.TextChoices):
        QUEUED = "queued", _("waits to begin")
        RUNNING = "running", _("running")
        FINISHED = "finished", _("finished")
        FAILED = "failed", _("nothing was changed")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    look_back = models.ForeignKey(
        LookBack, models.PROTECT, null=True, related_name="tasks", help_text="empty until a recall is done"
    )
    what = models.TextField(choices=What.choices)
    criteria = models.JSONField(default=dict, help_text="of a recall: what was looked for")
    results = ArrayField(models.BigIntegerField(), null=True, help_text="the ticked ones; empty: all")
    reason = models.TextField()
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    asked_by = models.TextField()
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    total = models.IntegerField(help_text="results concerned when it was asked for")
    done = models.IntegerField(default=0)
    beat_at = models.DateTimeField(null=True, help_text="when the process last said how far it is")
    finished_at = models.DateTimeField(null=True)
    fault = models.TextField(blank=True, default="", help_text="why nothing was changed")

    class Meta:
        db_table = "look_back_task"
        indexes = [models.Index(fields=["laboratory", "-asked_at"], name="look_back_task_list")]
