"""Addresses of the clinic's settings."""

from django.urls import path

from microrelief.web.clinic import views

urlpatterns = [
    path("settings/", views.clinic_settings, name="clinic_settings"),
    path("settings/clinic/", views.clinic_details, name="clinic_details"),
    path("settings/time/", views.clinic_time, name="clinic_time"),
    path("settings/retention/", views.clinic_retention, name="clinic_retention"),
]
