"""The audit: one block per statement, chained by hash; one row per changed row. Written by triggers alone."""

from django.db import models


class AuditHead(models.Model):
    """The end of a chain; a database session writes to one chain at a time, so chains never wait."""

    slot = models.IntegerField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_head"


class AuditBlock(models.Model):
    slot = models.IntegerField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField()
    table_name = models.TextField()
    operation = models.TextField()
    rows = models.IntegerField()
    digest = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_block"
        constraints = [models.UniqueConstraint(fields=["slot", "seq"], name="audit_block_place")]


class AuditRow(models.Model):
    block = models.ForeignKey(AuditBlock, models.DO_NOTHING, db_constraint=False)
    table_name = models.TextField()
    row_id = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        db_table = "audit_row"
        indexes = [models.Index(fields=["table_name", "row_id"], name="audit_row_history")]
