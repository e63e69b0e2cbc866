"""Refuse an analyzer that cannot be reached as it was typed, in words that name the field and the remedy."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.addresses import HIGHEST_PORT
from aliquot.flow.instruments.rules.reach import LOWEST_PORT, Reach, faults_of, tidy_reach

WORDS = {
    "unknown_transport": gettext_noop("Choose how the analyzer is connected from the list."),
    "port_out_of_range": gettext_noop("Give a port between %(low)d and %(high)d."),
    "not_host_port": gettext_noop("Give the address as host:port, for example 10.0.0.7:5001."),
    "not_a_serial_port": gettext_noop("Give the serial port, for example /dev/ttyS0?baud=9600&bits=8N1."),
    "not_a_folder": gettext_noop("Give the whole path of the folder, beginning with a slash."),
    "address_too_long": gettext_noop("The address is too long."),
    "no_second_connection": gettext_noop(
        "Only an analyzer on TCP has a second connection: leave this empty."
    ),
    "unknown_policy": gettext_noop("Choose from the list when the analyzer is told what to measure."),
    "folder_takes_no_orders": gettext_noop("Nothing can be sent through a folder: choose to answer."),
}


def checked_reach(reach: Reach, *, own: int | None = None) -> tuple[Reach, dict[str, str]]:
    """The reach without what its transport does not use, and the sentence of each fault by field.

    `own` is the analyzer itself: whatever another analyzer holds is a fault too.
    """
    reach = tidy_reach(reach)
    bounds = {"low": LOWEST_PORT, "high": HIGHEST_PORT}
    faults = {field: _(WORDS[code]) % bounds for field, code in faults_of(reach).items()}
    return reach, faults or _taken(reach, own)


def _taken(reach: Reach, own: int | None) -> dict[str, str]:
    others = Analyzer.objects.exclude(pk=own) if own else Analyzer.objects.all()
    if reach.transport == "listen":
        if other := others.filter(listen_port=reach.listen_port).first():
            sentence = _("The port belongs to %(name)s. Choose another.") % {"name": other.name}
            return {"listen_port": sentence}
    elif other := others.filter(transport=reach.transport, address=reach.address).first():
        sentence = _("The address belongs to %(name)s. Choose another.") % {"name": other.name}
        return {"address": sentence}
    return {}
