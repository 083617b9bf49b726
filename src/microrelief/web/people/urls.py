"""Addresses of accounts: joining, signing in, second factors, sessions, staff."""

from allauth.account import views as account
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from microrelief.web.people import views

urlpatterns = [
    path("join/<str:token>/", views.open_link, name="join"),
    path("join/", views.join, name="join_form"),
    path("account/browser-language/", require_POST(set_language), name="browser_language"),
    path("account/sign-in/", account.login, name="account_login"),
    path("account/sign-out/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("account/", views.you, name="you"),
    path("account/language/", views.choose_language, name="choose_language"),
    path("staff/", views.staff, name="staff"),
    path("staff/<uuid:person_id>/", views.colleague, name="colleague"),
    path("staff/<uuid:person_id>/role/", views.change_role, name="change_role"),
    path("staff/<uuid:person_id>/account/", views.disable, name="disable_person"),
    path("staff/<uuid:person_id>/sign-out/", views.sign_out, name="sign_out_person"),
    path("staff/<uuid:person_id>/password-link/", views.new_password, name="new_password_link"),
    path("staff/<uuid:person_id>/second-factors/", views.remove_second_factors, name="remove_second_factors"),
    path("staff/links/<uuid:link_id>/revoke/", views.revoke_link, name="revoke_link"),
]
