"""Addresses of external assessment, beneath those of quality."""

from django.urls import path

from aliquot.entrypoints.web.quality.assessment.views import (
    arranging,
    calendar,
    cases,
    items,
    overview,
    own_part,
)

urlpatterns = [
    path("", overview.home, name="eqa"),
    path("tests/<str:code>/", overview.trend, name="eqa-test"),
    path("plan/", arranging.plan, name="eqa-plan"),
    path("calendar/", calendar.calendar, name="eqa-calendar"),
    path("calendar/add/", calendar.add, name="eqa-plan-scheme"),
    path("planned/<int:planned_id>/drop/", calendar.drop, name="eqa-drop"),
    path("rounds/<int:round_id>/", arranging.arranged, name="eqa-round"),
    path("rounds/<int:round_id>/extend/", arranging.extend, name="eqa-extend"),
    path("rounds/<int:round_id>/cancel/", arranging.cancel, name="eqa-cancel"),
    path("rounds/<int:round_id>/results/", arranging.take_results, name="eqa-take-results"),
    path("rounds/<int:round_id>/report/", arranging.take_report, name="eqa-take-report"),
    path("rounds/<int:round_id>/close/", arranging.close, name="eqa-close"),
    path("rounds/<int:round_id>/at/<str:site>/", own_part.sheet, name="eqa-sheet"),
    path("rounds/<int:round_id>/at/<str:site>/receive/", own_part.receive, name="eqa-receive"),
    path("rounds/<int:round_id>/at/<str:site>/measured/", own_part.take_measured, name="eqa-measured"),
    path("rounds/<int:round_id>/at/<str:site>/results/", own_part.keep, name="eqa-keep"),
    path("rounds/<int:round_id>/at/<str:site>/further/", own_part.add_further, name="eqa-further"),
    path("rounds/<int:round_id>/at/<str:site>/file/", own_part.take_file, name="eqa-file"),
    path("rounds/<int:round_id>/at/<str:site>/submit/", own_part.submit, name="eqa-submit"),
    path("items/<int:item_id>/", items.item, name="eqa-item"),
    path("items/<int:item_id>/homogeneity/", items.homogeneity, name="eqa-homogeneity"),
    path("items/<int:item_id>/stability/", items.stability, name="eqa-stability"),
    path("cases/", cases.listed, name="eqa-cases"),
    path("cases/<int:case_id>/", cases.case, name="eqa-case"),
    path("cases/<int:case_id>/answer/", cases.answer, name="eqa-answer"),
    path("cases/<int:case_id>/close/", cases.close, name="eqa-close-case"),
]
