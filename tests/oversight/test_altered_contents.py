"""What the owner of the tables alters behind the program's back is found."""

from aliquot.flow.instruments.actions import KeptMessage, keep_messages
from aliquot.flow.reports.actions import release_reports, render_document
from aliquot.flow.reports.models import Report
from aliquot.foundation.context import acting
from aliquot.oversight.health.queries import findings, of_the_contents
from tests.factories import NOW, make_order
from tests.flow.reports.released import release
from tests.processes import LiveRegion
from tests.regions import read_region
from tests.tubes import make_analyzer


def keep_one_of_each(live: LiveRegion) -> None:
    region = read_region()
    analyzer = make_analyzer(region.hub, "sysmex_xn", "XN-D")
    with acting(region.worker) as by:
        keep_messages([KeptMessage(region.hub.pk, analyzer.pk, "test", b"H|\\^&\r", NOW)], by=by)
        order = make_order(region, "GLUS")
        release(region, order, "GLUS", "5.40")
        release_reports([order.pk], by=by, at=NOW)
        render_document(Report.objects.get(order=order), "en")


def test_an_altered_message_report_or_document_is_named(live_region: LiveRegion) -> None:
    keep_one_of_each(live_region)
    assert list(of_the_contents()) == []
    live_region.look("UPDATE message SET content = 'H|altered'::bytea")
    live_region.look("UPDATE report_document SET content = content || 'altered'::bytea")
    live_region.look("ALTER TABLE report DISABLE TRIGGER USER")
    live_region.look("UPDATE report SET content = jsonb_set(content::jsonb, '{version}', '9')")
    named = {" ".join(one.what.split()[3:4]) for one in findings(deep=True) if "altered" in one.what}
    assert named == {"message", "report", "report_document"}
