"""Addresses of photo sets."""

from django.urls import path

from microrelief.web.photosets import views

urlpatterns = [
    path("patients/<uuid:patient_id>/sets/", views.photo_sets, name="photo_sets"),
    path("patients/<uuid:patient_id>/capture/", views.capture, name="capture"),
    path("patients/<uuid:patient_id>/capture/check/", views.check_frame, name="check_frame"),
    path("patients/<uuid:patient_id>/capture/take/", views.take, name="take_view"),
    path("patients/<uuid:patient_id>/capture/skip/", views.skip, name="skip_view"),
    path("patients/<uuid:patient_id>/import/", views.import_photos, name="import_photos"),
    path("patients/<uuid:patient_id>/import/file/", views.file_reviewed, name="file_reviewed"),
    path("sets/<uuid:set_id>/", views.photo_set, name="photo_set"),
    path("sets/<uuid:set_id>/finish/", views.finish, name="finish_set"),
    path("sets/<uuid:set_id>/baseline/", views.baseline, name="choose_baseline"),
    path("sets/<uuid:set_id>/describe/", views.describe, name="describe_set"),
    path("set-views/<uuid:view_id>/answer/", views.answer, name="answer_question"),
    path("set-views/<uuid:view_id>/take-out/", views.take_out, name="take_out_view"),
]
