"""Addresses of the rules of automatic release."""

from django.urls import path

from aliquot.entrypoints.web.rules.views import applies, one_rule, overview, suspending, validating, versions

app_name = "rules"
urlpatterns = [
    path("", overview.home, name="home"),
    path("draft/", versions.draft, name="draft"),
    path("applies/", applies.applies, name="applies"),
    path("suspend/", suspending.suspend, name="suspend"),
    path("resume/<int:pk>/", suspending.resume, name="resume"),
    path("check/<int:pk>/", versions.check, name="check"),
    path("versions/<int:pk>/", versions.version, name="version"),
    path("versions/<int:pk>/steps/<str:step>/", versions.take, name="step"),
    path("versions/<int:pk>/changes/", versions.changes, name="changes"),
    path("versions/<int:pk>/validate/", validating.ask, name="validate"),
    path("versions/<int:pk>/rules/<path:code>/", one_rule.rule, name="rule"),
    path("validations/<int:pk>/", validating.validation, name="validation"),
    path("validations/<int:pk>/progress/", validating.progress, name="progress"),
    path("validations/<int:pk>/sign/", validating.sign, name="sign"),
]
