"""Addresses of the clinic's own limits."""

from django.urls import path

from microrelief.web.clinic_rules import views

urlpatterns = [
    path("settings/rules/", views.rules, name="clinic_rules"),
    path("settings/rules/<str:rule_id>/", views.rule, name="clinic_rule"),
    path("settings/limits/<uuid:limit_id>/end/", views.end, name="end_limit"),
]
