"""Bring the database to the program's schema, rights, row security, audit and catalogue."""

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.utils.module_loading import import_string

from aliquot.foundation.protection.actions import protect_tables


class Command(DjangoMigrate):
    """Django's migrate as the owner of the tables, then the protection of every table."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        options["database"] = "owner"
        super().handle(*args, **options)
        protect_tables(import_string(settings.ALIQUOT_PROTECTION))
