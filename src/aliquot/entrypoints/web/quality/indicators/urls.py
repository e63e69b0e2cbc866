"""Addresses of indicators."""

from django.urls import path

from aliquot.entrypoints.web.quality.indicators import views

urlpatterns = [
    path("", views.indicators, name="indicators"),
    path("indicators.csv", views.as_csv, name="indicators-csv"),
    path("times/<str:leg>/", views.time, name="indicator-time"),
    path("<str:code>/", views.indicator, name="indicator"),
]
