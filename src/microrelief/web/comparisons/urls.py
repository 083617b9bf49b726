"""Addresses of comparisons."""

from django.urls import path

from microrelief.web.comparisons import views

urlpatterns = [
    path("patients/<uuid:patient_id>/compare/", views.compare_sets, name="compare_sets"),
    path("patients/<uuid:patient_id>/series/", views.series, name="series"),
    path("sets/<uuid:set_id>/progress/", views.set_progress, name="set_progress"),
    path("comparisons/<uuid:comparison_id>/", views.comparison, name="comparison"),
    path("comparisons/<uuid:comparison_id>/layer/<slug:name>", views.layer, name="comparison_layer"),
    path("comparisons/<uuid:comparison_id>/again/", views.again, name="compare_again"),
    path("comparisons/<uuid:comparison_id>/summary/", views.summary, name="comparison_summary"),
]
