"""The data dictionary, told by the program's own tables."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import translation

from aliquot.oversight.handover.queries.database import Held
from aliquot.oversight.handover.rules.dictionary import Column, TableFacts


def table_facts(held: Sequence[Held], language: str) -> list[TableFacts]:
    """Every table that is carried, once, with what its model says of it; words of codes in this language."""
    known = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}  # noqa: SLF001 - Django's published way
    with translation.override(language):
        return [_facts(one, known.get(one.table)) for one in {each.table: each for each in held}.values()]


def _facts(held: Held, model: type[models.Model] | None) -> TableFacts:
    fields = {str(field.column): field for field in model._meta.concrete_fields} if model else {}  # noqa: SLF001 - as above
    columns = tuple(_column(name, kind, fields) for name, kind in zip(held.columns, held.types, strict=True))
    return TableFacts(held.table, _meaning(model), held.how.value, columns)


def _meaning(model: type[models.Model] | None) -> str:
    said = inspect.cleandoc(model.__doc__ or "") if model else "Bookkeeping of the framework."
    return "" if said.startswith(f"{model.__name__}(" if model else "(") else said


def _column(name: str, kind: str, fields: "Mapping[str, models.Field[Any, Any]]") -> Column:
    field = fields.get(name)
    if field is None:
        return Column(name, kind, may_be_empty=True, meaning="", refers_to="", codes=())
    refers = field.related_model._meta.db_table if isinstance(field, models.ForeignKey) else ""  # noqa: SLF001 - as above
    codes = tuple((str(code), str(word)) for code, word in field.flatchoices)
    return Column(name, kind, field.null, str(field.help_text), refers, codes)
