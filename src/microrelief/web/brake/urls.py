"""Addresses of the brake."""

from django.urls import path

from microrelief.web.brake import views

urlpatterns = [
    path("brake/", views.brake, name="brake"),
    path("brake/<uuid:stop_id>/", views.answer_stop, name="answer_stop"),
]
