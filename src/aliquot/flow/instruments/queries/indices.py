"""The indices of a specimen, for whoever looks at its results."""

from aliquot.flow.instruments.models import SpecimenIndex

NEWEST = ("index", "-measured_at", "-id")


def indices_of(specimen_id: int) -> list[SpecimenIndex]:
    """The newest haemolysis, icterus and lipaemia index of a tube, as far as an analyzer measured them."""
    found = SpecimenIndex.objects.filter(specimen_id=specimen_id).order_by(*NEWEST).distinct("index")
    return list(found)
