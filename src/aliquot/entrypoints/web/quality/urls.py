"""Addresses of quality."""

from django.urls import path

from aliquot.entrypoints.web.quality.views import board, chart, materials, plans

PAIR = "control/<str:analyzer>/<str:test>/"
app_name = "quality"
urlpatterns = [
    path("", board.home, name="home"),
    path(PAIR, chart.chart, name="chart"),
    path(f"{PAIR}answer/", chart.answer, name="answer"),
    path(f"{PAIR}aside/", chart.set_aside, name="aside"),
    path(f"{PAIR}enter/", chart.enter, name="enter"),
    path(f"{PAIR}targets/", plans.targets, name="targets"),
    path(f"{PAIR}targets/take/", plans.take_target, name="take-target"),
    path(f"{PAIR}plan/", plans.plan, name="plan"),
    path(f"{PAIR}plan/end/", plans.end, name="end-plan"),
    path("plans/", plans.plans, name="plans"),
    path("materials/", materials.materials, name="materials"),
    path("materials/<int:pk>/", materials.material, name="material"),
    path("materials/<int:pk>/end/", materials.end, name="end-lot"),
    path("unfiled/", materials.unfiled, name="unfiled"),
]
