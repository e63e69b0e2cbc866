"""Names in the two languages of the service."""

from django.db import models
from django.utils.translation import get_language


def is_russian() -> bool:
    """Whether the reader's language is Russian; English is spoken to everybody else."""
    return (get_language() or "en").startswith("ru")


class BilingualName(models.Model):
    """A row that people read: an English and a Russian name."""

    name_en = models.TextField()
    name_ru = models.TextField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_ru if is_russian() else self.name_en
