"""Bring the database to the program's tables, rights, row security and audit."""

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.utils.module_loading import import_string

from aliquot.foundation.months.actions import gather_strays, prepare_months
from aliquot.foundation.protection.actions import protect_tables


class Command(DjangoMigrate):
    """Django's migrate as the owner of the tables, then the protection of every table."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        options["database"] = "owner"
        super().handle(*args, **options)
        protect_tables(import_string(settings.ALIQUOT_PROTECTION))
        prepare_months(using="owner")
        gather_strays()
