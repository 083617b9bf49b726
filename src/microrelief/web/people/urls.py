"""Addresses of accounts: joining, signing in, second factors, sessions, staff."""

from allauth.account import views as account
from django.urls import include, path

from microrelief.web.people import views

urlpatterns = [
    path("join/<str:token>/", views.open_link, name="join"),
    path("join/", views.join, name="join_form"),
    path("account/sign-in/", account.login, name="account_login"),
    path("account/sign-out/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
]
