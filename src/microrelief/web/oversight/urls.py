"""Addresses of the trail."""

from django.urls import path

from microrelief.web.oversight import views

urlpatterns = [
    path("audit/", views.trail, name="audit"),
    path("audit/verify/", views.verify, name="verify_audit"),
    path("audit/glass/<uuid:relation_id>/", views.note_glass, name="note_glass"),
    path("audit/patients/<int:number>/", views.access_report, name="access_report"),
]
