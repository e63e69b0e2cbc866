"""Bring the database to the program's tables, rights, row security and audit."""

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.utils import timezone
from django.utils.module_loading import import_string

from aliquot.flow.verification.actions import load_shipped_rules
from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.months.actions import gather_strays, prepare_months
from aliquot.foundation.protection.actions import protect_tables


class Command(DjangoMigrate):
    """Django's migrate as the owner of the tables; their protection, and the shipped rules as a draft."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        options["database"] = "owner"
        super().handle(*args, **options)
        protect_tables(import_string(settings.ALIQUOT_PROTECTION))
        prepare_months(using="owner")
        gather_strays()
        with acting(system_actor("installation"), reason="rules as shipped"):
            load_shipped_rules(by=system_actor("installation"), at=timezone.now())
