"""Addresses of plans."""

from django.urls import path

from microrelief.web.plans import door, views

urlpatterns = [
    path("patients/<uuid:patient_id>/plan/", views.plan_of, name="plan_of"),
    path("plans/<uuid:plan_id>/", views.plan, name="plan"),
    path("plans/<uuid:plan_id>/sign/", views.sign, name="sign_plan"),
    path("plans/<uuid:plan_id>/drop/", views.drop, name="drop_plan"),
    path("plans/<uuid:plan_id>/preparation/", views.preparation, name="preparation_sheet"),
    path("plans/<uuid:plan_id>/aftercare/", views.aftercare, name="aftercare_sheet"),
    path("plans/<uuid:plan_id>/plan.ics", views.calendar, name="plan_calendar"),
    path("plans/<uuid:plan_id>/link/", views.new_link, name="new_plan_link"),
    path("plan-links/<uuid:link_id>/revoke/", views.revoke_link, name="revoke_plan_link"),
    # the patient's door
    path("plan/<str:token>/", door.opened, name="open_plan"),
    path("plan/<str:token>/plan.ics", door.calendar, name="open_plan_calendar"),
]
