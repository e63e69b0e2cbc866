"""The one Django app: a table's module may move between packages without a migration."""

from django.apps import AppConfig


class AliquotConfig(AppConfig):
    name = "aliquot"
    default_auto_field = "django.db.models.BigAutoField"
