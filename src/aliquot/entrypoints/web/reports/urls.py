"""Addresses of reports."""

from django.urls import path

from aliquot.entrypoints.web.reports import critical, views

app_name = "reports"
urlpatterns = [
    path("", views.home, name="home"),
    path("patients/<int:pk>/", views.patient, name="patient"),
    path("critical/", critical.waiting, name="critical"),
    path("critical/<int:call_id>/", critical.value, name="critical-value"),
    path("critical/<int:call_id>/acknowledge/", critical.acknowledge, name="critical-acknowledge"),
    path("<str:number>/", views.report, name="report"),
    path("<str:number>/seen/", views.seen, name="seen"),
    path("<str:number>/<int:version>/<str:language>.pdf", views.document, name="document"),
]
