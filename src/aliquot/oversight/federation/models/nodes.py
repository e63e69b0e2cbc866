"""The nodes that this one knows, itself among them, and the public halves of their keys."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.foundation.naming import BilingualName
from aliquot.oversight.federation.rules.nodes import CODE


class Node(BilingualName):
    """An installation with a database of its own: a region, or the federation that regions publish to."""

    class Kind(models.TextChoices):
        REGION = "region", _("region")
        FEDERATION = "federation", _("federation")

    code = models.TextField(unique=True, help_text="tula: small letters, it also names a schema")
    kind = models.TextField(choices=Kind.choices)
    is_self = models.BooleanField(default=False, help_text="this installation")
    known_at = models.DateTimeField(help_text="since when this node knows it")
    left_at = models.DateTimeField(null=True, help_text="when it left the federation")

    class Meta:
        db_table = "node"
        constraints = [
            models.UniqueConstraint(
                fields=["is_self"], condition=models.Q(is_self=True), name="node_one_self"
            ),
            models.CheckConstraint(condition=models.Q(code__regex=CODE), name="node_code"),
        ]


class NodeKey(models.Model):
    """The public half of a node's key from `since` on; the private half never leaves the node's home."""

    class Purpose(models.TextChoices):
        SIGNING = "signing", _("signs what the node says (Ed25519)")
        SEALING = "sealing", _("receives what is sealed to the node (age)")

    node = models.ForeignKey(Node, models.PROTECT, related_name="keys")
    purpose = models.TextField(choices=Purpose.choices)
    public = models.TextField(help_text="signing: 32 bytes in base64; sealing: age1...")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="replaced or withdrawn then")

    class Meta:
        db_table = "node_key"
        constraints = [
            models.UniqueConstraint(
                fields=["node", "purpose"], condition=models.Q(until__isnull=True), name="node_key_one"
            ),
            models.UniqueConstraint(fields=["purpose", "public"], name="node_key_once"),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("since")),
                name="node_key_forward",
            ),
        ]
