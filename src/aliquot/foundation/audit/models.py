"""The audit: one block per statement, chained by hash; one row per changed row. Written by triggers alone.

Both stand by month; the id of a block carries its month.
"""

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
        indexes = [models.Index(fields=["slot", "seq"], name="audit_block_place")]


class AuditRow(models.Model):
    pk = models.CompositePrimaryKey("block_id", "row_id")
    block = models.ForeignKey(AuditBlock, models.DO_NOTHING, db_constraint=False, db_index=False)
    table_name = models.TextField()
    row_id = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        db_table = "audit_row"
        indexes = [models.Index(fields=["table_name", "row_id"], name="audit_row_history")]
