"""Addresses of studies, beneath those of quality."""

from django.urls import path

from aliquot.entrypoints.web.quality.studies.views import giving, planning, reading, signing

urlpatterns = [
    path("", reading.studies, name="studies"),
    path("new/", planning.kinds, name="new-study"),
    path("new/<str:kind>/", planning.plan, name="plan-study"),
    path("new/<str:kind>/template.csv", planning.blank, name="study-template"),
    path("supplies/", reading.supplies, name="supplies"),
    path("<int:pk>/", reading.study, name="study"),
    path("<int:pk>/progress/", reading.progress, name="study-progress"),
    path("<int:pk>/template.csv", planning.template, name="study-own-template"),
    path("<int:pk>/file/", giving.upload, name="study-file"),
    path("<int:pk>/gather/", giving.gather, name="study-gather"),
    path("<int:pk>/supply/<str:role>/", giving.supply, name="study-supply"),
    path("<int:pk>/data/<int:data>/", reading.data, name="study-data"),
    path("<int:pk>/sign/", signing.sign, name="sign-study"),
    path("<int:pk>/abandon/", signing.abandon, name="abandon-study"),
    path("<int:pk>/report.<str:language>.pdf", reading.report, name="study-report"),
]
