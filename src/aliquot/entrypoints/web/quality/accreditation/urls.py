"""Addresses of the binder and of management reviews."""

from django.urls import path

from aliquot.entrypoints.web.quality.accreditation import reviews, views

urlpatterns = [
    path("", views.binder, name="accreditation"),
    path("reviews/", reviews.home, name="reviews"),
    path("reviews/new/", reviews.new, name="new-review"),
    path("reviews/follow-up/<int:pk>/", reviews.finish, name="finish-review-action"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
    path("reviews/<int:pk>/add/", reviews.add, name="add-to-review"),
    path("reviews/<int:pk>/remove/", reviews.remove, name="remove-from-review"),
    path("reviews/<int:pk>/sign/", reviews.sign, name="sign-review"),
    path("reviews/<int:pk>/minutes/<str:language>/", reviews.minutes, name="review-minutes"),
]
