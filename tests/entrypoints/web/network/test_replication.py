"""The page of replication where nothing is published: it says what to do."""

from pathlib import Path

import pytest
from django.utils import timezone

from aliquot.oversight.federation.actions import name_node
from tests.regions import LOADER, Region
from tests.web import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_a_node_without_a_name_is_told_how_to_get_one(region: Region) -> None:
    page = signed_in("director").get("/network/replication/").content.decode()
    assert "aliquot node name CODE" in page


def test_a_region_that_invited_nobody_is_told_how_to(region: Region, tmp_path: Path) -> None:
    name_node(
        "tula", kind="region", name_en="Tula", name_ru="Тула", home=tmp_path, by=LOADER, at=timezone.now()
    )
    page = signed_in("director").get("/network/replication/").content.decode()
    assert "aliquot node invite" in page
    page = signed_in("director", language="ru").get("/network/replication/").content.decode()
    assert "Этот регион ничего не публикует" in page


def test_a_nurse_does_not_see_it(region: Region) -> None:
    assert signed_in("nurse").get("/network/replication/").status_code == 403
