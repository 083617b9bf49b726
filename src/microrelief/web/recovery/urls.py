"""Addresses of recoveries: the clinic's, and the patient's own under /diary/."""

from django.urls import path

from microrelief.web.recovery import door, views

urlpatterns = [
    path("sessions/<uuid:treatment_id>/recovery/", views.recovery, name="recovery"),
    path("sessions/<uuid:treatment_id>/recovery/link/", views.new_link, name="new_diary_link"),
    path("sessions/<uuid:treatment_id>/recovery/write/", views.write, name="write_diary"),
    path("sessions/<uuid:treatment_id>/recovery/event/", views.event, name="write_event"),
    path("diary-links/<uuid:link_id>/revoke/", views.revoke, name="revoke_diary_link"),
    path("diary-entries/<uuid:entry_id>/done/", views.done, name="follow_up"),
    path("adverse-events/<uuid:event_id>/end/", views.end, name="end_event"),
    # the patient's door; its worker sees nothing outside /diary/
    path("diary/", door.diary, name="diary"),
    path("diary/said/", door.said, name="diary_said"),
    path("diary/open/", door.is_open, name="diary_is_open"),
    path("diary/offline/", door.offline, name="diary_offline"),
    path("diary/leave/", door.leave, name="leave_diary"),
    path("diary/worker.js", door.worker, name="diary_worker"),
    path("diary/diary.webmanifest", door.manifest, name="diary_manifest"),
    path("diary/<str:token>/", door.open_diary, name="open_diary"),
]
