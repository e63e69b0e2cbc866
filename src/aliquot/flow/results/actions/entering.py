"""Values from the keyboard: a result entered by hand, and a released one amended."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.orders.models import OrderItem
from aliquot.flow.results.actions.deciding import OF_EVERY_AMENDMENT, decide_results, follow_change
from aliquot.flow.results.actions.locking import lock_results, require_reason
from aliquot.flow.results.actions.opening import open_calls
from aliquot.flow.results.actions.withdrawing import settle_elsewhere
from aliquot.flow.results.models import LookBackStep, Result
from aliquot.flow.results.queries import gather_evidence, months_of_orders
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.flow.verification.queries import current_book
from aliquot.flow.verification.rules.decision import decide
from aliquot.flow.verification.rules.rounding import Entry, read_entry, reported_entry
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.foundation.naming import is_russian
from aliquot.registers.catalogue.models import Test

SQL = Path(__file__).parent.parent / "sql"
LARGEST = Decimal(10) ** 12
TEXT_LIMIT = 2000


def enter_result(order_item: OrderItem, value: str, *, by: Actor, at: datetime, comment: str = "") -> Result:
    """The result entered by hand for an open test whose tube is accepted; it waits for a second look.

    A numeric test takes a number with a decimal point or comma and perhaps a sign, in the test's unit; any
    other test takes words. Refused, naming the field, for a value that does not fit or without accepted tube.
    """
    by.require("enter_result")
    with transaction.atomic():
        item = _locked_item(order_item)
        if item.laboratory_id not in by.sites:
            raise Forbidden(_("This order belongs to another laboratory."))
        result = _insert(item, _tube(item), _checked(value, item.test), comment=comment, at=at)
        sql_files.execute(
            SQL,
            "measure_tests",
            specimens=[result.specimen_id],
            tests=[result.test_id],
            items=[result.order_item_id],
        )
        decide_results([result.pk], by=by, at=at)
        result.refresh_from_db()
        return result


def amend_result(result: Result, value: str, *, reason: str, by: Actor, at: datetime) -> Result:
    """The corrected version of a released result, released at once; the earlier one stays and can be seen.

    Refused without a reason, for an unchanged value, or when somebody replaced it meanwhile. A new critical
    value opens a call. Records "result_amended". Source: ISO 15189:2022, 7.4.1.8.
    """
    by.require("amend_result")
    with transaction.atomic():
        lock_results([result.pk], states=(Result.State.RELEASED, Result.State.RECALLED), by=by)
        words = require_reason(reason)
        old = Result.objects.select_related("test", "specimen", "order_item__order").get(pk=result.pk)
        entry = _checked(value, old.test)
        if entry.text == old.value_text:
            message = _("The value is unchanged.")
            raise Refused(message, fields={"value": message})
        Result.objects.filter(pk=old.pk, state=old.state).update(state=Result.State.SUPERSEDED)
        sql_files.execute(SQL, "withdraw_calls", ids=[old.pk], by=by.key, at=at)
        new = _insert(old.order_item, old.specimen, entry, replaced=old, amend_reason=words, at=at)
        _release_amended(new, by=by, at=at)
        if old.state == Result.State.RECALLED:
            settle_elsewhere([old.pk], LookBackStep.Kind.AMENDED, reason=words, by=by, at=at)
        follow_change([old.order_id], at=at)
        record_events("result_amended", [old.order_id], at=at)
        new.refresh_from_db()
        return new


def _locked_item(order_item: OrderItem) -> OrderItem:
    """The open test, its order held before it as everywhere."""
    query = OrderItem.objects.select_related("order", "test").select_for_update(of=("order", "self"))
    item = query.filter(pk=order_item.pk).first()
    if item is None:
        raise Forbidden(_("This test of the order is not visible here."))
    if item.state != OrderItem.State.OPEN:
        raise Refused(_("%(test)s is already reported or cancelled. Amend the result.") % {"test": item.test})
    return item


def _tube(item: OrderItem) -> Specimen:
    usable = (SpecimenTest.State.ACCEPTED, SpecimenTest.State.MEASURED, SpecimenTest.State.REFERRED)
    served = SpecimenTest.objects.select_related("specimen").filter(order_item=item, state__in=usable)
    newest = served.order_by("-specimen_id").first()
    if newest is None:
        raise Refused(
            _("No tube for %(test)s is accepted. Accept it at reception first.") % {"test": item.test}
        )
    return newest.specimen


def _checked(value: str, test: Test) -> Entry:
    """The entry as it is kept: a number rounded and printed at the test's decimals, or words."""
    entry = read_entry(value)
    if test.scale != Test.Scale.QUANTITATIVE:
        if not entry.text or len(entry.text) > TEXT_LIMIT:
            words = _("Write the finding in words.")
            raise Refused(words, fields={"value": words})
        return Entry(entry.text)
    if entry.value is None or abs(entry.value) >= LARGEST:
        unit = (test.unit_ru if is_russian() else "") or test.unit or "1"
        words = _("Type a number in %(unit)s, for example 5.1 or <0.6.") % {"unit": unit}
        raise Refused(words, fields={"value": words})
    return reported_entry(entry, test.decimals)


def _insert(
    item: OrderItem,
    tube: Specimen,
    entry: Entry,
    *,
    at: datetime,
    replaced: Result | None = None,
    amend_reason: str = "",
    comment: str = "",
) -> Result:
    months = months_of_orders({item.order_id})
    runs = Result.objects.filter(
        order_id=item.order_id, order_item=item, pk__gte=months.since, pk__lt=months.until
    ).count()
    return Result.objects.create(
        ordering_site_id=item.ordering_site_id,
        laboratory_id=item.laboratory_id,
        order_item=item,
        order_id=item.order_id,
        specimen=tube,
        patient_id=item.order.patient_id,
        test_id=item.test_id,
        run=replaced.run if replaced else runs + 1,
        version=replaced.version + 1 if replaced else 1,
        value_text=entry.text,
        value=entry.value,
        comparator=entry.comparator,
        unit=item.test.unit,
        urgency=item.order.urgency,
        measured_at=replaced.measured_at if replaced else at,
        collected_at=tube.collected_at,
        recorded_at=at,
        supersedes=replaced,
        comment=replaced.comment if replaced else comment.strip(),
        amend_reason=amend_reason,
    )


def _release_amended(new: Result, *, by: Actor, at: datetime) -> None:
    """Release it by the person who amends; what the rules have to say is kept with it."""
    book = current_book(at)
    evidence = gather_evidence(book, [new.pk])[0]
    verdict = decide(evidence, book)
    Result.objects.filter(pk=new.pk, state=Result.State.RECORDED).update(
        state=Result.State.RELEASED,
        flag=verdict.flag,
        low=verdict.low,
        high=verdict.high,
        reasons=[one.as_json() for one in verdict.reasons if one.code not in OF_EVERY_AMENDMENT],
        decided_at=at,
        released_at=at,
        released_by=by.key,
    )
    open_calls([(new.pk, evidence)] if verdict.critical else [], at=at)
