"""Addresses of the clinic's repeatability."""

from django.urls import path

from microrelief.web.retests import views

urlpatterns = [
    path("settings/repeatability/", views.retests, name="retests"),
    path("settings/repeatability/record/", views.add_patient_pair, name="add_patient_pair"),
    path("settings/repeatability/stop/", views.stop, name="stop_using_retest"),
    path("settings/repeatability/pairs/<uuid:pair_id>/drop/", views.drop, name="drop_retest_pair"),
    path("settings/repeatability/<uuid:retest_id>/work-out/", views.work_out, name="work_out_retest"),
    path("settings/repeatability/<uuid:retest_id>/use/", views.use, name="use_retest"),
    path("settings/repeatability/<uuid:retest_id>/plot.png", views.plot, name="retest_plot"),
]
