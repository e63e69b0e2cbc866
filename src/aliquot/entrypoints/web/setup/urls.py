"""Addresses of setup."""

from django.urls import path

from aliquot.entrypoints.web.setup.views import (
    analyzers,
    audit,
    catalogue,
    drivers,
    health,
    people,
    sites,
    words,
)

app_name = "setup"
urlpatterns = [
    path("", health.home, name="home"),
    path("sites/", sites.sites, name="sites"),
    path("sites/<str:code>/", sites.site, name="site"),
    path("sites/<str:code>/departments/", sites.department, name="department"),
    path("sites/<str:code>/contacts/", sites.contact, name="contact"),
    path("sites/<str:code>/contacts/<int:pk>/end/", sites.end_contact, name="end-contact"),
    path("people/", people.people, name="people"),
    path("people/new/", people.add, name="add-person"),
    path("people/<str:username>/", people.person, name="person"),
    path("people/<str:username>/assign/", people.assign, name="assign"),
    path("people/<str:username>/end/<int:pk>/", people.end, name="end-assignment"),
    path("people/<str:username>/password/", people.password, name="password"),
    path("people/<str:username>/active/", people.active, name="person-active"),
    path("catalogue/", catalogue.tests, name="catalogue"),
    path("catalogue/allowable/", catalogue.allowable, name="allowable"),
    path("catalogue/allowable.csv", catalogue.allowable_table, name="allowable-table"),
    path("catalogue/<str:code>/", catalogue.test, name="test"),
    path("catalogue/<str:code>/allowable/", catalogue.state, name="state-allowable"),
    path("analyzers/", analyzers.analyzers, name="analyzers"),
    path("analyzers/<str:code>/", analyzers.analyzer, name="analyzer"),
    path("analyzers/<str:code>/map/", analyzers.map_code, name="map"),
    path("analyzers/<str:code>/unmap/", analyzers.unmap_code, name="unmap"),
    path("analyzers/<str:code>/proposals/", analyzers.accept, name="proposals"),
    path("analyzers/<str:code>/words/", words.words, name="words"),
    path("analyzers/<str:code>/words/forget/", words.forget, name="forget-word"),
    path("drivers/", drivers.drivers, name="drivers"),
    path("drivers/<str:model>/", drivers.driver, name="driver"),
    path("drivers/<str:model>/stop/", drivers.stop, name="stop-driver"),
    path("drivers/<str:model>/start/", drivers.start, name="start-driver"),
    path("audit/", audit.audit, name="audit"),
    path("audit/verify/", audit.verify, name="verify"),
]
