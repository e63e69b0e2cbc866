"""Who wrote the whole region into a package, when and for whom."""

from django.db import models


class HandoverPackage(models.Model):
    """A package that was begun: `digest` is its manifest's SHA-256, empty while it is not finished."""

    series = models.TextField(help_text="the full package and its increments share it")
    number = models.IntegerField(help_text="0 for the full package, then its increments")
    receivers = models.JSONField(help_text="public keys of those who can open it")
    signer = models.TextField(help_text="public key of the one who signs it")
    begun_at = models.DateTimeField()
    begun_by = models.TextField()
    finished_at = models.DateTimeField(null=True)
    digest = models.TextField(blank=True, default="", help_text="SHA-256 of the manifest")
    rows = models.BigIntegerField(default=0)

    class Meta:
        db_table = "handover_package"
        indexes = [models.Index(fields=["series", "number"], name="handover_package_series")]
