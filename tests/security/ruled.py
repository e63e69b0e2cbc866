"""The rules in force, their validation and a suspension, by the addresses that name them."""

from aliquot.flow.verification.models import RuleSetValidation, RuleSetVersion, Suspension
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.regions import LOADER


def ruled() -> dict[tuple[str, str], object]:
    """Their ids by address."""
    with acting(LOADER):
        version = RuleSetVersion.objects.earliest("id")
        suspension = Suspension.objects.create(scope="network", reason="drift", since=NOW, by="t")
        validation = RuleSetValidation.objects.earliest("id")
    return {
        ("check", "pk"): version.pk,
        ("versions", "pk"): version.pk,
        ("rules", "code"): "flags",
        ("steps", "step"): "retire",
        ("resume", "pk"): suspension.pk,
        ("validations", "pk"): validation.pk,
    }
