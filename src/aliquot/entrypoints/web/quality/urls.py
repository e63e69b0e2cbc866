"""Addresses of quality."""

from django.urls import include, path

from aliquot.entrypoints.web.quality.improvement.views import nonconformities, raising, registers
from aliquot.entrypoints.web.quality.monitors import designs
from aliquot.entrypoints.web.quality.monitors import views as monitors
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
    path("indicators/", include("aliquot.entrypoints.web.quality.indicators.urls")),
    path("comparability/", include("aliquot.entrypoints.web.quality.comparability.urls")),
    path("accreditation/", include("aliquot.entrypoints.web.quality.accreditation.urls")),
    path("eqa/", include("aliquot.entrypoints.web.quality.assessment.urls")),
    path("studies/", include("aliquot.entrypoints.web.quality.studies.urls")),
    path("monitors/", monitors.monitors, name="monitors"),
    path("monitors/<int:pk>/", monitors.monitor, name="monitor"),
    path("monitors/<int:pk>/answer/", monitors.answer, name="answer-alarm"),
    path("monitors/<int:pk>/sign/", monitors.sign, name="sign-monitor"),
    path("monitors/<int:pk>/off/", monitors.retire, name="retire-monitor"),
    path("monitors/design/", designs.new, name="new-design"),
    path("monitors/trials/<int:pk>/", designs.design, name="design"),
    path("monitors/trials/<int:pk>/progress/", designs.progress, name="design-progress"),
    path("monitors/trials/<int:pk>/take/", designs.take, name="take-candidate"),
    path("raise/", raising.raising, name="raise"),
    path("raise/look-back/", raising.ask_look_back, name="ask-look-back"),
    path("nonconformities/", nonconformities.home, name="nonconformities"),
    path("nonconformities/causes/", registers.causes, name="causes"),
    path("nonconformities/actions/<int:pk>/", nonconformities.finish, name="finish-action"),
    path("nonconformities/<int:pk>/", nonconformities.nonconformity, name="nonconformity"),
    path("nonconformities/<int:pk>/<slug:step>/", nonconformities.work, name="nonconformity-step"),
    path("audits/", registers.audits, name="audits"),
    path("audits/new/", registers.new_audit, name="new-audit"),
    path("audits/items/<int:pk>/", registers.finding, name="finding"),
    path("audits/<int:pk>/", registers.audit, name="audit"),
    path("audits/<int:pk>/report/<str:language>/", registers.audit_report, name="audit-report"),
    path("audits/<int:pk>/<slug:step>/", registers.audit_step, name="audit-step"),
    path("risks/", registers.risks, name="risks"),
    path("risks/new/", registers.new_risk, name="new-risk"),
    path("risks/<int:pk>/", registers.risk, name="risk"),
    path("risks/<int:pk>/<slug:step>/", registers.risk_step, name="risk-step"),
]
