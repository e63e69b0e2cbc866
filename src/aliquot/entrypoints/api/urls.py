"""Addresses of the FHIR interface."""

from django.urls import path, re_path

from aliquot.entrypoints.api import views

urlpatterns = [
    path("", views.base, name="fhir-base"),
    path("metadata", views.metadata, name="fhir-metadata"),
    path("DiagnosticReport", views.reports, name="fhir-reports"),
    path("DiagnosticReport/<str:key>", views.report, name="fhir-report"),
    path("Observation/<str:key>", views.observation_view, name="fhir-observation"),
    path("ServiceRequest/<str:key>", views.service_request, name="fhir-request"),
    path("Patient/<str:key>", views.patient, name="fhir-patient"),
    path("Specimen/<str:key>", views.specimen, name="fhir-specimen"),
    path("Binary/<str:key>", views.document, name="fhir-document"),
    re_path(r"^(?P<rest>.*)$", views.unknown, name="fhir-unknown"),
]
