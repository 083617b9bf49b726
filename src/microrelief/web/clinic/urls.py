"""Addresses of the clinic's settings."""

from django.urls import path

from microrelief.web.clinic import views

urlpatterns = [path("settings/", views.clinic_settings, name="clinic_settings")]
