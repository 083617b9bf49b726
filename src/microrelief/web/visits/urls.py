"""Addresses of visits."""

from django.urls import path

from microrelief.web.visits import views

urlpatterns = [
    path("today/", views.today, name="today"),
    path("patients/<uuid:patient_id>/visits/new/", views.new_visit, name="new_visit"),
    path("visits/<uuid:visit_id>/state/", views.visit_state, name="visit_state"),
]
